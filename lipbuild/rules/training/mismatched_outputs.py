"""The network's outputs do not fit the labels or the loss.

## What it does
Compares what the network ends in with the data's classes and with what the loss takes: one output a class, one
output for two classes with a binary loss, vectors rather than images.

## Why is this bad?
The loss cannot be computed, or is computed over classes that do not exist.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 8}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.source.problem import Problem
from lipbuild.spec.config import Config
from lipbuild.spec.graph import GraphNode
from lipbuild.spec.shapes import format_shape


def check(context: Context) -> Iterator[Problem]:
    """The outputs against the loss, and against the classes of the data where they are known."""
    config, graph = context.config, context.graph
    if graph is None or config.train is None:
        return
    if len(graph.outputs) > 1:
        yield Problem(
            RULE.name,
            f"a network is trained on one output, and this one has {len(graph.outputs)}",
            config.place("model.outputs"),
        )
        return
    yield from _one_output(config, graph.output_nodes[0])


def _one_output(config: Config, node: GraphNode) -> Iterator[Problem]:
    assert config.train is not None
    loss = config.train.loss
    if len(node.shape) != 1:
        yield Problem(
            RULE.name,
            f"the network ends in {format_shape(node.shape)}, and `{loss.kind}` takes one vector a sample",
            node.span,
            help="end it with `Flatten` or a global pooling layer, and a `SpectralDense`",
        )
        return
    units = node.shape[0]
    classes = config.data.source.class_count() if config.data is not None else None
    source = config.data.source.source_name if config.data is not None else ""
    if loss.task == "binary" and units != 1:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` takes one output for two classes, and the network has {units}",
            node.span,
            help="end in `SpectralDense: {units: 1}`, or use a loss for several outputs such as "
            "`TauCategoricalCrossentropy` or `MulticlassHKR`",
        )
    elif loss.task == "binary" and classes is not None and classes != 2:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` is for two classes, and `{source}` has {classes}",
            config.place("train.loss"),
            help=f"use a loss for several classes such as `TauCategoricalCrossentropy`, and {classes} outputs",
        )
    elif loss.task == "multiclass" and units == 1:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` takes one output a class, and the network has 1",
            node.span,
            help="use a loss for one output, such as `HKR` or `BinaryCrossentropy`, or more outputs",
        )
    elif loss.task == "multiclass" and classes is not None and units != classes:
        yield Problem(
            RULE.name,
            f"the network has {units} outputs, and `{source}` has {classes} classes",
            node.span,
            help=f"end in `SpectralDense: {{units: {classes}}}`",
        )


RULE = Rule("LIP401", "mismatched-outputs", Severity.ERROR, __doc__, check)
