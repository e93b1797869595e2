"""The test data select the weights that are kept.

## What it does
Refuses `train.early_stopping` and `train.restore_best_weights` if each epoch is measured on the test data, because
neither `data.validation` nor the source holds out other samples.

## Why is this bad?
The epoch that is best on the test data is better on them than on new data. Take n equally good epochs with
independent errors and an accuracy p measured on m samples: the best one looks better by about √(2 ln n · p (1 - p) /
m), which is 2.7 percentage points for 100 epochs, 360 samples and 97 %. The clean and certified accuracies of
`evaluate` would be wrong by up to that.

## Example
```yaml
seed: 0
data: {source: digits}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 100, early_stopping: {patience: 5}}
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 100, early_stopping: {patience: 5}}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.measured_on_test import choices_by_epochs, is_measured_on_test
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """What chooses by the epochs, where these are measured on the test data."""
    config = context.config
    if not is_measured_on_test(config):
        return []
    return [
        Problem(
            RULE.name,
            f"`train.{key}` chooses the weights by the test data",
            config.place(f"train.{key}"),
            help="hold out some samples: `data.validation: 0.1`",
        )
        for key in choices_by_epochs(config)
    ]


RULE = Rule("LIP415", "selection-on-test-data", Severity.ERROR, __doc__, check)
