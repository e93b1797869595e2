"""An objective of a sweep cannot be measured.

## What it does
Reports a sweep of a config without a `train` or `data` section or without a validation part, an objective that the
task does not have (errors for classes, accuracies for numbers or after the loss `KR` alone), and an objective that is
named twice.

## Why is this bad?
Trials are chosen on the validation part. The test data must not choose anything: `evaluate` would then state more
than new data give. Accuracies need classes, and errors numbers.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {train.batch_size: [32, 64]}
  objectives: [mean_absolute_error]
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {train.batch_size: [32, 64]}
  objectives: [certified_accuracy: {radius: 0.25}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem, Related


def check(context: Context) -> Iterator[Problem]:
    """The objectives against the task, the data and each other."""
    config = context.config
    if config.sweep is None:
        return
    keys = config.keys
    for name, section in (("data", config.data), ("train", config.train)):
        if section is None and name not in keys:
            yield Problem(
                RULE.name,
                f"a sweep trains, and the config has no `{name}` section",
                keys["sweep"],
                help=f"add `{name}:`",
            )
    if config.data is not None and not config.data.validation and not config.data.source.has_validation():
        yield Problem(
            RULE.name,
            "objectives are measured on the validation share, and there is none",
            config.place("sweep.objectives"),
            related=(Related(keys["data"], "keeps none apart"),),
            help="hold out some samples: `validation: 0.1`",
        )
    labels: dict[str, int] = {}
    for index, objective in enumerate(config.sweep.objectives):
        place = config.place(f"sweep.objectives[{index}]")
        if objective.label in labels:
            first = Related(config.place(f"sweep.objectives[{labels[objective.label]}]"), "first here")
            yield Problem(
                RULE.name,
                f"`{objective.label}` is an objective already",
                place,
                related=(first,),
                help="leave one of them out",
            )
        labels.setdefault(objective.label, index)
        if (
            config.train is not None
            and not config.train.loss.classifies
            and "regression" not in objective.tasks
        ):
            yield Problem(
                RULE.name,
                f"`{objective.kind}` is for classifiers, and the loss `{config.train.loss.kind}` alone trains none",
                place,
                related=(Related(config.place("train.loss"), "says of no output that a class ends there"),),
                help="use `HKR`",
            )
        elif config.train is not None and config.train.loss.task not in objective.tasks:
            numbers = config.train.loss.task == "regression"
            instead = "mean_absolute_error" if numbers else "certified_accuracy: {radius: …}"
            yield Problem(
                RULE.name,
                f"`{objective.kind}` is for {'classes' if numbers else 'numbers'}, and "
                f"`{config.train.loss.kind}` is a loss for {'numbers' if numbers else 'classes'}",
                place,
                related=(
                    Related(config.place("train.loss"), f"a loss for {'numbers' if numbers else 'classes'}"),
                ),
                help=f"use another, such as `{instead}`",
            )


RULE = Rule("LIP432", "unmeasurable-objectives", Severity.ERROR, __doc__, check)
