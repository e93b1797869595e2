"""A key without a default is missing.

## What it does
Reports a section or a layer without a key that it needs.

## Why is this bad?
No default would be right for everybody.

## Example
```yaml
- SpectralDense
```

## Use instead
```yaml
- SpectralDense: {units: 10}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP102", "missing-keys", Severity.ERROR, __doc__)
