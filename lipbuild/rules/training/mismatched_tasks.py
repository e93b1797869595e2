"""The loss is for another task than the data.

## What it does
Reports a loss for numbers on data with classes, a loss for classes on data with numbers, and a metric for another
task than the loss; with a loss for numbers `data.stratify` and `data.class_weights`, which are about classes, and
with one for classes `data.target_scale`, which is about numbers.

## Why is this bad?
The distance between class numbers means nothing, and a number is not a class.

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

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem, Related


def check(context: Context) -> Iterator[Problem]:
    """The task of the loss, and of the metrics, against that of the data and of each other."""
    data, train = context.config.data, context.config.train
    if train is None:
        return
    task, loss = train.loss.task, train.loss.kind
    place = context.config.place("train.loss")
    for key, source in (data.sources if data is not None else {}).items():
        name, targets = source.source_name, source.targets
        has = Related(context.config.place(key), f"has {targets}")
        if targets == "classes" and task == "regression":
            yield Problem(
                RULE.name,
                f"`{loss}` is for numbers, and `{name}` has classes",
                place,
                related=(has,),
                help="use a loss for classes, such as `TauCategoricalCrossentropy`",
            )
        elif targets == "numbers" and task != "regression":
            yield Problem(
                RULE.name,
                f"`{loss}` is for classes, and `{name}` has numbers to predict",
                place,
                related=(has,),
                help="use a loss for numbers, such as `MeanSquaredError`",
            )
    if data is not None:
        if task == "regression" and data.source.targets != "classes":
            yield from _about_classes(context, loss)
        if data.target_scale is not None and task != "regression":
            yield Problem(
                RULE.name,
                f"`target_scale` is about numbers to predict, and `{loss}` is for classes",
                context.config.keys["data.target_scale"],
                related=(Related(place, "for classes"),),
                help="remove it",
            )
    for metric in train.metrics:
        if task not in metric.tasks:
            yield Problem(
                RULE.name,
                f"`{metric.kind}` is for {_FOR[metric.tasks[0]]}, and `{loss}` for {_FOR[task]}",
                context.config.place("train.metrics").word(metric.kind),
                related=(Related(place, f"for {_FOR[task]}"),),
                help="use a metric of the same kind, or remove it",
            )


def _about_classes(context: Context, loss: str) -> Iterator[Problem]:
    """What is said of classes where there are none."""
    data = context.config.data
    for key in ("stratify", "class_weights"):
        if data is not None and getattr(data, key):
            yield Problem(
                RULE.name,
                f"`{key}` is about classes, and `{loss}` is for numbers",
                context.config.keys[f"data.{key}"],
                related=(Related(context.config.place("train.loss"), "for numbers"),),
                help="remove it",
            )


_FOR = {"multiclass": "one output a class", "binary": "one output for two classes", "regression": "numbers"}

RULE = Rule("LIP402", "mismatched-tasks", Severity.ERROR, __doc__, check)
