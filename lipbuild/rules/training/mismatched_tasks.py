"""The loss is for another task than the data.

## What it does
Reports a loss for numbers on data with classes, and a loss for classes on data with numbers; and with a loss for
numbers `data.stratify` and `data.class_weights`, which are about classes.

## Why is this bad?
The distance between class numbers means nothing, and a number is no class.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: MeanSquaredError, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
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
    """The task of the loss against that of the data, where it is known."""
    data, train = context.config.data, context.config.train
    if data is None or train is None:
        return []
    targets, task = data.source.targets, train.loss.task
    name, loss = data.source.source_name, train.loss.kind
    place = context.config.place("train.loss")
    if targets == "classes" and task == "regression":
        message = f"`{loss}` is for numbers, and `{name}` has classes"
        advice = "use a loss for classes, such as `TauCategoricalCrossentropy`"
        return [Problem(RULE.name, message, place, help=advice)]
    if targets == "numbers" and task != "regression":
        message = f"`{loss}` is for classes, and `{name}` has numbers to predict"
        return [Problem(RULE.name, message, place, help="use a loss for numbers, such as `MeanSquaredError`")]
    return _about_classes(context, loss) if task == "regression" else []


def _about_classes(context: Context, loss: str) -> list[Problem]:
    """What is said of classes where there are none."""
    data = context.config.data
    said = [
        key
        for key, value in (
            ("stratify", data and data.stratify),
            ("class_weights", data and data.class_weights),
        )
        if value
    ]
    return [
        Problem(
            RULE.name,
            f"`{key}` is about classes, and `{loss}` is for numbers",
            context.config.keys[f"data.{key}"],
            help="remove it",
        )
        for key in said
    ]


RULE = Rule("LIP402", "mismatched-tasks", Severity.ERROR, __doc__, check)
