"""Two layers have the same name.

## What it does
Reports the second of two equal names, and the name `input`, which is the network's input.

## Why is this bad?
`inputs: [name]` would not say which of the two is read.

## Example
```yaml
- SpectralDense: {units: 8, name: a}
- GroupSort2: {name: a}
```

## Use instead
Different names, or none: unnamed layers get one.
```yaml
- SpectralDense: {units: 8, name: a}
- GroupSort2: {name: b}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP107", "duplicate-names", Severity.ERROR, __doc__)
