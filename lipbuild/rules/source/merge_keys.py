"""A merge key (`<<`) is used.

## What it does
Reports `<<` as a key.

## Why is this bad?
Merge keys were an extension to YAML 1.1 and are not part of YAML 1.2; readers differ in which value wins.

## Example
```yaml
variables: &defaults {units: 8}
model:
  layers:
    - SpectralDense: {<<: *defaults, use_bias: false}
```

## Use instead
`extends:` for a parent config, or `${…}` for a value used twice.
```yaml
variables: {width: 8}
model:
  layers:
    - SpectralDense: {units: "${variables.width}"}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP004", "merge-keys", Severity.ERROR, __doc__)
