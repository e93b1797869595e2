"""The epochs are judged by a metric that is not measured.

## What it does
Reports a `train.monitor` that will not be a column of `metrics.csv`, with the nearest one that will.

## Why is this bad?
This column decides which epoch is best and when to stop. Without this rule, the training would only be refused after
its data is loaded and its network built.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, monitor: val_acc}
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, monitor: val_accuracy}
```
"""

from __future__ import annotations

from lipbuild.config.columns import columns
from lipbuild.config.names import renamed
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem
from lipbuild.text.suggest import nearest


def check(context: Context) -> list[Problem]:
    """The monitor against what is measured."""
    config = context.config
    if config.train is None:
        return []
    monitor = config.train.monitor
    known = columns(config.train.loss, config.train.metrics, config.certify.radii)
    if monitor in known:
        return []
    place, near = config.place("train.monitor"), nearest(monitor, known)
    listed = f"measured are {', '.join(f'`{name}`' for name in known)}"
    return [
        Problem(
            RULE.name,
            f"nothing that is measured is called `{monitor}`",
            place,
            notes=() if near is None else (listed,),
            help=listed if near is None else f"there is one with a similar name: `{near}`",
            fix=renamed(monitor, place, near),
        )
    ]


RULE = Rule("LIP416", "unknown-monitors", Severity.ERROR, __doc__, check)
