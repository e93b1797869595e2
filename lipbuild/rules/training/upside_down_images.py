"""Images that have a top and a bottom are turned upside down.

## What it does
Remarks on a `RandomFlip` with `mode: vertical` or `horizontal_and_vertical` in `data.augment`, where the data are
digits, clothes or photographs: `digits`, `mnist`, `fashion_mnist`, `cifar10`, `cifar100`.

## Why is this bad?
Half of the images that the network learns from then never occur: a 6 upside down is nearly a 9, and no car drives on
its roof. The network spends on them what it could have learnt of real ones.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1, augment: [RandomFlip: {mode: vertical}]}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
Shifts, and for photographs a flip from left to right.

```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1, augment: [RandomCrop: {padding: 1}]}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

if TYPE_CHECKING:
    from lipbuild.config.augmentation import RandomFlip

_UPRIGHT = ("digits", "mnist", "fashion_mnist", "cifar10", "cifar100")


def check(context: Context) -> list[Problem]:
    """Each flip that exchanges up and down, where the images are known to have a top."""
    config = context.config
    data = config.data
    if data is None or data.source.source_name not in _UPRIGHT:
        return []
    return [
        Problem(
            RULE.name,
            f"`RandomFlip` turns images of `{data.source.source_name}` upside down",
            config.place(f"data.augment[{index}]"),
            help="use `RandomCrop` or `RandomTranslation`, or for photographs `mode: horizontal`",
        )
        for index, step in enumerate(data.augment)
        if step.kind == "RandomFlip" and cast("RandomFlip", step).mode != "horizontal"
    ]


RULE = Rule("LIP434", "upside-down-images", Severity.REMARK, __doc__, check)
