"""An alias is inside the value that it names.

## What it does
Reports an alias whose expansion would never end.

## Why is this bad?
Such a value has no size.

## Example
```yaml
variables: &all {again: *all}
```

## Use instead
`Repeat: {times: n, layers: […]}` for layers that come again.
```yaml
variables: {width: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP008", "recursive-aliases", Severity.ERROR, __doc__)
