"""A cross-entropy without temperature is used on a network of small constant.

## What it does
Warns of `CategoricalCrossentropy`, `SparseCategoricalCrossentropy` and `BinaryCrossentropy` where `model.lipschitz`
is below 10.

## Why is this bad?
Cross-entropy falls as the logits grow, and those of a Lipschitz network cannot: over data of diameter D their
differences stay below √2·L·D. The loss then never gets near 0, every sample keeps its full weight, and the network
underfits. `TauCategoricalCrossentropy` multiplies the logits by a temperature τ: CE(τ·f, y)/τ.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: CategoricalCrossentropy, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## References
- Béthune et al.: Pay attention to your loss: understanding misconceptions about Lipschitz neural networks, 2022
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem

_TEMPERED = {
    "CategoricalCrossentropy": "TauCategoricalCrossentropy: {tau: 10}",
    "SparseCategoricalCrossentropy": "TauSparseCategoricalCrossentropy: {tau: 10}",
    "BinaryCrossentropy": "HKR: {alpha: 10}",
}


def check(context: Context) -> list[Problem]:
    """The loss against the constant that the network promises."""
    train, model = context.config.train, context.config.model
    if train is None or model is None or model.lipschitz >= 10 or train.loss.kind not in _TEMPERED:
        return []
    kind = train.loss.kind
    better = _TEMPERED[kind]
    place = context.config.place("train.loss")
    fix = None
    # Arguments that it has already are those of another loss.
    if place.text == kind and f"train.loss.{kind}" not in context.config.keys:
        message = f"replace `{kind}` by `{better.partition(':')[0]}`"
        fix = Fix(message, (Edit(place, f"{{{better}}}"),), Applicability.UNSAFE)
    return [
        Problem(
            RULE.name,
            f"`{kind}` has no temperature, and the logits of this network cannot grow: it will underfit",
            place,
            help=f"use `{better}`",
            fix=fix,
        )
    ]


RULE = Rule("LIP405", "untempered-cross-entropy", Severity.WARNING, __doc__, check)
