"""A loss, optimiser, schedule, metric or data source is unknown.

## What it does
Reports a name that stands for nothing, with the nearest that is known.

## Why is this bad?
Nothing is guessed.

## Example
```yaml
data: {source: digit}
```

## Use instead
```yaml
data: {source: digits}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP106", "unknown-names", Severity.ERROR, __doc__)
