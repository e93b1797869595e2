"""A comment silences a rule that does not exist.

## What it does
Reports a `# lipbuild:` comment that names no rule, or one that lipbuild does not have.

## Why is this bad?
It silences nothing.

## Example
```yaml
- MaxPooling2D  # lipbuild: ignore[overlaping-max-pooling] a reason
```

## Use instead
```yaml
- MaxPooling2D
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP902", "unknown-suppressions", Severity.WARNING, __doc__)
