"""The loss asks for a margin that no network can have.

## What it does
Warns of a `min_margin` above L·√n, the constant of the network times the diameter of data in [0, 1]ⁿ.

## Why is this bad?
|f(x) − f(y)| ≤ L·‖x − y‖ ≤ L·√n for any two samples: a greater margin cannot be reached, so the hinge never ends and
only adds a constant slope to the loss.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {MulticlassHKR: {min_margin: 36}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {MulticlassHKR: {min_margin: 0.5}}, epochs: 10}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.diameter import diameter
from lipbuild.rules.training.promised import promised
from lipbuild.source.problem import Problem


def check(context: Context) -> list[Problem]:
    """The loss's margin against what the network can reach on the data."""
    train, constant, width = context.config.train, promised(context), diameter(context.config)
    if train is None or constant is None or width is None:
        return []
    margin = getattr(train.loss, "min_margin", None)
    greatest = constant * width
    if margin is None or margin <= greatest:
        return []
    return [
        Problem(
            RULE.name,
            f"no two samples can be {margin:g} apart after this network: at most {greatest:.4g}",
            context.config.place(f"train.loss.{train.loss.kind}.min_margin"),
            help="use a margin of the size of the radii that you certify",
        )
    ]


RULE = Rule("LIP409", "margin-exceeds-data", Severity.WARNING, __doc__, check)
