"""A file contains more than one YAML document.

## What it does
Reports the `---` that starts a second document.

## Why is this bad?
A config is one network, and it is unknown which one is meant.

## Example
```yaml
name: first
---
name: second
```

## Use instead
One file for each config, and `extends:` for what they share.
```yaml
name: first
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP005", "multiple-documents", Severity.ERROR, __doc__)
