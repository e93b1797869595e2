"""The training computes in half precision.

## What it does
Remarks on a `train.precision` other than `float32`, with the error that it leaves in a margin.

## Why is this bad?
A number with p significant bits is rounded by up to a relative u = 2⁻ᵖ: 2⁻¹¹ in float16, 2⁻⁸ in bfloat16, 2⁻²⁴ in
float32. A margin of an L-Lipschitz network on data of diameter D is up to √2·L·D, so it is rounded by up to √2·L·D·u.
That is the margin of a radius D·u: for the digits (D = 8) .044 in bfloat16, a radius of .031. The margins in the loss
are that inexact. The certified network computes in float32, so its certificate stays true.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10, precision: mixed_bfloat16}
```

## Use instead
`float32`, unless the training is on a GPU and too slow.
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## References
- Micikevicius et al.: Mixed precision training, 2018
"""

from __future__ import annotations

import math

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.diameter import diameter
from lipbuild.rules.training.promised import promised
from lipbuild.text.problem import Problem

# Significant bits, the hidden one too.
_BITS = {"mixed_float16": 11, "mixed_bfloat16": 8}


def check(context: Context) -> list[Problem]:
    """The precision of the training's steps."""
    train = context.config.train
    if train is None or train.precision not in _BITS:
        return []
    unit = 2.0 ** -_BITS[train.precision]
    message = f"the training computes in `{train.precision}`, which rounds by up to {unit:.2g} of a number"
    width, constant = diameter(context.config), promised(context)
    notes: tuple[str, ...] = ()
    if width is not None and constant is not None:
        off = math.sqrt(2) * constant * width * unit
        notes = (f"a margin may be off by {off:.2g}, as much as a radius of {width * unit:.2g} takes",)
    return [
        Problem(
            RULE.name,
            message,
            context.config.place("train.precision"),
            notes=notes,
            help="leave `precision` out, unless the training is too slow without it",
        )
    ]


RULE = Rule("LIP406", "half-precision", Severity.REMARK, __doc__, check)
