"""A value has the right type and cannot be used.

## What it does
Reports a number outside its range, a word that is not allowed, a list that is too short, and a share of samples to mix
in that is none of a batch, or all of it.

## Why is this bad?
Nothing could be built from it.

## Example
```yaml
data: {source: digits, test: 20}
```

## Use instead
```yaml
data: {source: digits, test: 0.2}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP104", "out-of-range-values", Severity.ERROR, __doc__)
