"""A key is given twice in one mapping.

## What it does
Reports the second of two equal keys.

## Why is this bad?
YAML readers silently drop one of the two, often the one that was meant.

## Example
```yaml
name: first
name: second
```

## Use instead
```yaml
name: second
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP003", "duplicate-keys", Severity.ERROR, __doc__)
