"""Each epoch is measured on the test data.

## What it does
Remarks on a config that trains without `data.validation`, if the data has no other samples to measure on than those
of the test.

## Why is this bad?
If you choose the end of the training, a temperature or a learning rate by the progress that is shown, you choose by
the test data, and `evaluate` states more than new data would give.

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
from lipbuild.rules.training.measured_on_test import choices_by_epochs, is_measured_on_test
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """Whether something is held out for the epochs."""
    config = context.config
    # What chooses by them is an error by itself.
    if not is_measured_on_test(config) or choices_by_epochs(config):
        return []
    return [
        Problem(
            RULE.name,
            "each epoch is measured on the test data",
            config.keys["data"],
            help="hold out some samples: `validation: 0.1`",
        )
    ]


RULE = Rule("LIP410", "missing-validation", Severity.REMARK, __doc__, check)
