"""A value has the wrong type.

## What it does
Reports a value of another type than its key takes. Nothing is converted: `"3"` is not a number, `true` is not 1 and
3.0 is not 3.

## Why is this bad?
A converted value hides a mistake.

## Example
```yaml
seed: "30"
```

## Use instead
```yaml
seed: 30
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP103", "wrong-types", Severity.ERROR, __doc__)
