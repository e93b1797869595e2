"""The text is not YAML.

## What it does
Reports the place where the YAML parser could not continue.

## Why is this bad?
Nothing after that place can be read, so nothing about the network is known.

## Example
```yaml
model:
  layers: [Flatten, SpectralDense: {units: 10}
```

## Use instead
```yaml
model:
  layers: [Flatten, SpectralDense: {units: 10}]
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP001", "malformed-yaml", Severity.ERROR, __doc__)
