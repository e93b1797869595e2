"""Each epoch is measured on the test data.

## What it does
Remarks on a config that trains with `data.validation` left out, where the data brings no samples to measure on but
those of the test.

## Why is this bad?
Whoever stops, chooses a temperature or a learning rate by what the progress bar shows has then chosen by the test
data, and what `evaluate` states is better than what new data would give.

## Example
```yaml
seed: 0
data: {source: digits}
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
from lipbuild.source.problem import Problem


def check(context: Context) -> list[Problem]:
    """Whether something is held out for the epochs."""
    config = context.config
    if (
        config.train is None
        or config.data is None
        or config.data.validation > 0
        or config.data.source.has_validation()
    ):
        return []
    return [
        Problem(
            RULE.name,
            "each epoch is measured on the test data",
            config.keys["data"],
            help="hold out some of the rest: `validation: 0.1`",
        )
    ]


RULE = Rule("LIP410", "missing-validation", Severity.REMARK, __doc__, check)
