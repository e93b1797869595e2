"""The network's outputs do not fit the labels or the loss.

## What it does
Compares the output of the network with the classes of the data and with the loss: one output per class, one output
for two classes with a binary loss, vectors instead of images, probabilities for a loss with `from_logits: false`.

## Why is this bad?
The loss cannot be computed, or it is computed over classes that do not exist. For example, HKR takes one sign as a
label, not several outputs, and a cross-entropy takes the logarithm of a probability.

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

from lipbuild.config.choices import LossSpec
from lipbuild.config.config import Config
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.shapes import Shape, format_shape
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import replace_number
from lipbuild.rules.rule import Rule
from lipbuild.rules.unflattened import flatten_before, unflattened_output
from lipbuild.rules.uses import argument_place
from lipbuild.text.problem import Problem, Related

_PROBABILITIES = {"multiclass": "softmax", "binary": "sigmoid"}


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
            help="name one of them",
        )
        return
    yield from _one_output(context, graph.last_layers[0], config.train.loss)
    yield from _mixed_in(config, graph.output_nodes[0].shape, config.train.loss)


def _mixed_in(config: Config, shape: Shape, loss: LossSpec) -> Iterator[Problem]:
    """The classes of a second source, which are among those of the first."""
    mix = config.data.mix if config.data is not None else None
    classes = mix.source.class_count() if mix is not None and loss.task != "regression" else None
    known = 2 if loss.task == "binary" else shape[-1]
    if mix is not None and classes is not None and known is not None and classes > known:
        yield Problem(
            RULE.name,
            f"`{mix.source.source_name}` has {classes} classes, and is mixed into data of {known}",
            config.place("data.mix.source"),
            help="mix in samples of the same classes",
        )


def _one_output(context: Context, node: GraphNode, loss: LossSpec) -> Iterator[Problem]:
    config = context.config
    taken = Related(config.place("train.loss"), f"takes {_TAKES[loss.task]}")
    unflat = unflattened_output(context)
    if unflat:
        shapes = format_shape(unflat[0].input_shapes[0])
        yield Problem(
            RULE.name,
            f"the network ends in {format_shape(node.shape)}, and `{loss.kind}` takes one vector a sample",
            unflat[0].origin,
            label=f"is applied to the last dimension of {shapes} alone",
            related=(taken,),
            help="put a `Flatten` before it",
            fix=flatten_before(context, unflat[0]),
        )
        return
    if len(node.shape) != 1:
        yield Problem(
            RULE.name,
            f"the network ends in {format_shape(node.shape)}, and `{loss.kind}` takes one vector a sample",
            node.origin,
            related=(taken,),
            help="end it with `Flatten` or a global pooling layer, and a `SpectralDense`",
        )
        return
    units = node.shape[0]
    place = argument_place(context, node, "units")
    classes = config.data.source.class_count() if config.data is not None else None
    source = config.data.source.source_name if config.data is not None else ""
    there = Related(config.place("data.source"), f"{classes} classes")
    if loss.task == "binary" and units != 1:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` takes one output for two classes, and the network has {units}",
            place,
            related=(taken,),
            help="end in `SpectralDense: {units: 1}`, or use a loss for several outputs such as "
            "`TauCategoricalCrossentropy` or `MulticlassHKR`",
        )
    elif loss.task == "binary" and classes is not None and classes != 2:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` is for two classes, and `{source}` has {classes}",
            config.place("train.loss"),
            related=(there,),
            help=f"use a loss for several classes such as `TauCategoricalCrossentropy`, and {classes} outputs",
        )
    elif loss.task == "multiclass" and units == 1:
        yield Problem(
            RULE.name,
            f"`{loss.kind}` takes one output a class, and the network has 1",
            place,
            related=(taken,),
            help="use a loss for one output, such as `HKR` or `BinaryCrossentropy`, or more outputs",
        )
    elif loss.task == "multiclass" and classes is not None and units != classes:
        yield Problem(
            RULE.name,
            f"the network has {units} outputs, and `{source}` has {classes} classes",
            place,
            related=(there,),
            help=f"end in `SpectralDense: {{units: {classes}}}`",
            fix=replace_number(place, units, classes),
        )
    elif not getattr(loss, "from_logits", True):
        yield from _probabilities(context, node, loss)


def _probabilities(context: Context, node: GraphNode, loss: LossSpec) -> Iterator[Problem]:
    """A loss on probabilities against a network that ends in none."""
    wanted = _PROBABILITIES[loss.task]
    ends_in = "softmax" if node.kind == "Softmax" else getattr(node.spec, "activation", None)
    if ends_in == wanted:
        return
    yield Problem(
        RULE.name,
        f"`{loss.kind}` takes probabilities here, and the network does not end in a `{wanted}`",
        context.config.place(f"train.loss.{loss.kind}.from_logits"),
        related=(Related(node.origin, "the output"),),
        help=f"leave `from_logits` out: the loss then applies the {wanted} itself, and margins keep their size",
    )


_TAKES = {
    "binary": "one output for two classes",
    "multiclass": "one output a class",
    "regression": "numbers",
}

RULE = Rule("LIP401", "mismatched-outputs", Severity.ERROR, __doc__, check)
