"""The inputs are divided by a deviation without a lower limit.

## What it does
Reports Keras's `Normalization` among the layers, and in `data.preprocess` one without both a `variance` and a
`least_std`.

## Why is this bad?
It divides each feature by the deviation of the data, which is unknown before the data is read. The constant is
multiplied by 1/min(std), which is 10 or more for a feature that hardly varies, and every radius in the units of the
data is divided by it. The config states the constant of a `Rescaling`, and of a `Normalization` that divides by at
least `least_std`, whatever is fitted to the data.

## Example
```yaml
- Normalization
- SpectralDense: {units: 8}
```

## Use instead
```yaml
- Rescaling: {scale: 0.5}
- SpectralDense: {units: 8}
```
or
```yaml
seed: 0
model:
  layers: [SpectralDense: {units: 2}]
data: {source: breast_cancer, validation: 0.1, preprocess: [Normalization: {least_std: 0.1}]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

_NAME = "standardized-inputs"


def check(context: Context) -> list[Problem]:
    """`Normalization` without a least deviation before the layers; among them it is refused by its name."""
    config = context.config
    steps = config.data.preprocess if config.data is not None else []
    return [
        Problem(
            RULE.name,
            f"`{step.kind}` divides by the deviations of the training data, and no least one is given",
            config.place(f"data.preprocess[{index}]"),
            help="add `least_std: 0.1` (`lipbuild data` shows the deviations), or a `mean` and a `variance`",
        )
        for index, step in enumerate(steps)
        if not step.is_bounded
    ]


RULE = Rule("LIP219", _NAME, Severity.ERROR, __doc__, check, refused_by(_NAME))
