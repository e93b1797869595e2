"""The channels cannot be sorted in pairs.

## What it does
Reports a `GroupSort2` whose input has an odd number of channels.

## Why is this bad?
GroupSort2 sorts pairs; with an odd number one channel would be left over.

## Example
```yaml
- SpectralDense: {units: 63}
- GroupSort2
```

## Use instead
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP112", "indivisible-group-sort", Severity.ERROR, __doc__)
