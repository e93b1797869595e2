"""An alias has no anchor above it.

## What it does
Reports `*name` where no `&name` came before.

## Why is this bad?
It has no value.

## Example
```yaml
seed: *seed
```

## Use instead
Mark the value with `&name` before it is used, or write `${path}`.
```yaml
variables: {number: &seed 3}
seed: *seed
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP007", "unknown-aliases", Severity.ERROR, __doc__)
