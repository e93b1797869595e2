"""The training has no seed.

## What it does
Remarks on a config with a `train` section and without `seed`.

## Why is this bad?
The seed is then 0, so the run can be repeated. But readers of the config do not see that its results depend on one
random draw of the weights and of the order of the samples.

## Example
```yaml
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span


def check(context: Context) -> list[Problem]:
    """Whether a config that trains gives a seed."""
    config = context.config
    if config.train is None or "seed" in config.keys:
        return []
    place = config.keys["train"]
    source = place.source
    start = source.line_start(source.position(place.start)[0])
    fix = (
        Fix("write the seed", (Edit(Span(source, start, start), "seed: 0\n"),))
        if start == place.start
        else None
    )
    message = "this training has no `seed`, so it is 0"
    return [Problem(RULE.name, message, place, help="write `seed: 0`, or another", fix=fix)]


RULE = Rule("LIP403", "missing-seeds", Severity.REMARK, __doc__, check)
