"""An augmentation does not fit the data or the loss.

## What it does
Reports a step of `data.augment` for images if the samples are not images, and `MixUp` with a loss whose labels cannot
be mixed: a loss that takes class numbers, or that asks whether a label is positive.

## Why is this bad?
The samples cannot be changed in this way, or the labels of the mixtures would be wrong.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1, augment: [MixUp]}
train: {loss: {MulticlassHKR: {min_margin: 0.5}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1, augment: [MixUp]}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.shapes import format_shape
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

# Losses that are linear in the label, or a divergence from it.
_MIXABLE = (
    "CategoricalCrossentropy",
    "TauCategoricalCrossentropy",
    "OffsetCrossentropy",
    "LogitAnnealing",
    "BinaryCrossentropy",
    "MeanSquaredError",
    "MeanAbsoluteError",
    "Huber",
    "LogCosh",
)


def check(context: Context) -> Iterator[Problem]:
    """Each step against the shape of a sample and the loss."""
    data, train, graph = context.config.data, context.config.train, context.graph
    for index, step in enumerate(data.augment if data is not None else []):
        place = context.config.place(f"data.augment[{index}]")
        if step.images_only and graph is not None and len(graph.input_shape) != 3:
            yield Problem(
                RULE.name,
                f"`{step.kind}` is for images (height × width × channels), and a sample is "
                f"{format_shape(graph.input_shape)}",
                place,
                help="remove it",
            )
        elif step.channels is not None and graph is not None and graph.input_shape[-1] != step.channels:
            yield Problem(
                RULE.name,
                f"`{step.kind}` is for images of {step.channels} channels, and a sample is "
                f"{format_shape(graph.input_shape)}",
                place,
                help="remove it",
            )
        if step.mixes and train is not None and train.loss.kind not in _MIXABLE:
            yield Problem(
                RULE.name,
                f"`{step.kind}` mixes labels, and `{train.loss.kind}` takes none that are mixed",
                place,
                help=f"remove it, or use one of {', '.join(_MIXABLE)}",
            )


RULE = Rule("LIP420", "unfit-augmentation", Severity.ERROR, __doc__, check)
