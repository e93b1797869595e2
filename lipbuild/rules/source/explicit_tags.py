"""A value has a YAML tag.

## What it does
Reports `!tag` and `!!tag`.

## Why is this bad?
A config is data. Types follow from the keys, and a tag that names a Python object makes readers run code.

## Example
```yaml
seed: !!int "30"
```

## Use instead
```yaml
seed: 30
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP006", "explicit-tags", Severity.ERROR, __doc__)
