"""A `${…}` has no value.

## What it does
Reports a reference to a path that the config does not have, one that leads back to itself, and one to a
collection within a text.

## Why is this bad?
The value is unknown.

## Example
```yaml
variables: {width: 64}
model:
  layers:
    - SpectralDense: {units: "${variables.with}"}
```

## Use instead
```yaml
variables: {width: 64}
model:
  layers:
    - SpectralDense: {units: "${variables.width}"}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP012", "unresolved-variables", Severity.ERROR, __doc__)
