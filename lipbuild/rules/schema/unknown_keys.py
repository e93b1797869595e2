"""A key is unknown in this place.

## What it does
Reports a key that its section or layer does not have, with the nearest one that it has.

## Why is this bad?
If a misspelt key were ignored, a default would apply that nobody chose.

## Example
```yaml
- SpectralDense: {unit: 10}
```

## Use instead
```yaml
- SpectralDense: {units: 10}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP101", "unknown-keys", Severity.ERROR, __doc__)
