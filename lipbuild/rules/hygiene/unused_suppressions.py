"""A comment silences a rule that finds nothing.

## What it does
Reports `# lipbuild: ignore[rule-name]` if the rule finds nothing on that line (or, with `ignore-file`, in that file).

## Why is this bad?
It would silence the next finding there, which nobody has examined.

## Example
```yaml
- SpectralDense: {units: 8}  # lipbuild: ignore[plain-dense] a reason
```

## Use instead
```yaml
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP901", "unused-suppressions", Severity.WARNING, __doc__)
