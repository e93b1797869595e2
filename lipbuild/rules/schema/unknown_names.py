"""A loss, optimiser, schedule, metric, data source or class is unknown.

## What it does
Reports an unknown name, with the nearest known one. The classes in `data.class_weights` are known for the data sets
that are shipped.

## Why is this bad?
A guess could train something else than was meant.

## Example
```yaml
data: {source: digit}
```

## Use instead
```yaml
data: {source: digits}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.config.names import renamed
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem
from lipbuild.text.suggest import nearest


def check(context: Context) -> Iterator[Problem]:
    """The classes that have weights, against those of a shipped data set."""
    data = context.config.data
    known = data.source.class_names() if data is not None else None
    if data is None or known is None or not isinstance(data.class_weights, dict):
        return
    for name in data.class_weights:
        if name not in known:
            near = nearest(name, known)
            span = context.config.keys.get(
                f"data.class_weights.{name}", context.config.place("data.class_weights")
            )
            advice = (
                f"there is `{near}`" if near else f"the classes are {', '.join(f'`{one}`' for one in known)}"
            )
            message = f"`{data.source.source_name}` has no class `{name}`"
            yield Problem(RULE.name, message, span, help=advice, fix=renamed(name, span, near))


RULE = Rule("LIP106", "unknown-names", Severity.ERROR, __doc__, check)
