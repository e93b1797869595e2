"""A large validation share is measured after each epoch, and nothing is chosen by it.

## What it does
Remarks on a `data.validation` of more than a tenth in a config that trains to its last epoch whatever is measured: it
has neither `train.early_stopping` nor `train.restore_best_weights`, and no `sweep`.

## Why is this bad?
These samples are not learnt from, and all that comes of them is a curve. Up to a tenth is what it costs to see how a
training goes. Where there are many samples far less will do: of 1,000 an accuracy of 90 % has a deviation of 1 point.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.25}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.25}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, restore_best_weights: true}
```

Or hold out less: `validation: 0.1`.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.measured_on_test import choices_by_epochs
from lipbuild.text.problem import Problem

_SEEN = 0.1
"""The share that is spent on seeing how a training goes."""


def check(context: Context) -> list[Problem]:
    """Whether something is chosen by what is held out."""
    config = context.config
    if config.data is None or config.train is None or config.data.validation <= _SEEN:
        return []
    if choices_by_epochs(config) or "sweep" in config.keys or config.data.source.has_validation():
        return []
    return [
        Problem(
            RULE.name,
            f"{100 * config.data.validation:.3g} % of what is not tested on is held out of the training too, and "
            "nothing is chosen by it",
            config.place("data.validation"),
            help=f"choose the best epoch by it, `train.restore_best_weights: true`, or hold out at most {_SEEN:g}",
        )
    ]


RULE = Rule("LIP435", "unused-validation", Severity.REMARK, __doc__, check)
