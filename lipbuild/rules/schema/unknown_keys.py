"""A key is unknown where it stands.

## What it does
Reports a key that its section or layer does not have, with the nearest that it has.

## Why is this bad?
A misspelt key that is passed over leaves a default in force that nobody chose.

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
