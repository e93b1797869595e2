"""The config that this one extends cannot be read.

## What it does
Reports an `extends:` whose file is missing, is not text, or leads back to the config itself.

## Why is this bad?
The parent is part of the config.

## Example
```yaml
extends: nowhere.yaml
```

## Use instead
A path from the folder of the config: `extends: ../base.yaml`.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP011", "unreadable-parents", Severity.ERROR, __doc__)
