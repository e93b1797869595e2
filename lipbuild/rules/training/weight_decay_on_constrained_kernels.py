"""Weights that are held at a norm are decayed.

## What it does
Remarks on `AdamW`, and on a `weight_decay` above 0 of another optimiser.

## Why is this bad?
Weight decay pulls kernels towards 0, and the constraint puts their norm back after every step: what is left of it is
a change of the effective learning rate, and a pull on the biases.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, optimizer: AdamW}
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, optimizer: Adam}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """The decay of the optimiser."""
    train = context.config.train
    if train is None or not train.optimizer.weight_decay:
        return []
    kind = train.optimizer.kind
    place = context.config.place(f"train.optimizer.{kind}.weight_decay")
    fix = None
    if place.text == "AdamW":
        fix = Fix("replace `AdamW` by `Adam`", (Edit(place, "Adam"),), Applicability.UNSAFE)
    return [
        Problem(
            RULE.name,
            f"`{kind}` decays weights whose norm is fixed",
            place,
            help="use `Adam`" if kind == "AdamW" else "remove `weight_decay`",
            fix=fix,
        )
    ]


RULE = Rule("LIP407", "weight-decay-on-constrained-kernels", Severity.REMARK, __doc__, check)
