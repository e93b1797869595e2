"""A trained network as a plain Keras model that is as fast as one with ReLUs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.absolute import Absolute
from lipbuild.building.absolute.sign_bit import SignBitAbsolute
from lipbuild.building.flat_rows import FlatRows
from lipbuild.building.fold import Fold
from lipbuild.building.functional import functional_model
from lipbuild.building.plain import plain_layer_call, take_weights
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.operations import Convolution, Dense


@dataclass(frozen=True)
class Optimized:
    """A plain model with folded kernels.

    Attributes:
        model: The model.
        folds: What was folded into each of its layers, by their names.
    """

    model: keras.Model
    folds: Mapping[str, Fold]

    def unfolded(self, path: str, values: NDArray[Any]) -> NDArray[Any]:
        """A weight of the model as the plain model has it, up to rounding upwards."""
        layer, _, weight = path.rpartition("/")
        fold = self.folds.get(layer)
        if fold is None:
            return values
        if weight == "kernel":
            return fold.unfolded(values)
        return Fold(outputs=fold.outputs).bias(values) if fold.outputs else values


def optimized_model(
    model: keras.Model, graph: Graph, plain: keras.Model, absolute: type[Absolute] = SignBitAbsolute
) -> Optimized:
    """The function of a plain model with its sorting rotated into the kernels beside it, and its factors too.

    Sorting pairs is |t| for their rotated differences t: one or two passes over memory instead of six. The
    rotations before and after it are multiplied into the linear layers there, through poolings and whatever else
    treats channels alike; so are factors, like those of scaled poolings. What has no linear layer on both sides
    stays as it is.

    Args:
        model: The trained model of the graph.
        graph: The graph that it was built from.
        plain: Its plain form, whose kernels are folded.
        absolute: How |t| is computed; what is fastest depends on the runtime.

    Returns:
        A model of the same function, up to rounding.
    """
    return _Optimizer(model, graph, plain, absolute).run()


class _Optimizer:
    def __init__(
        self, model: keras.Model, graph: Graph, plain: keras.Model, absolute: type[Absolute]
    ) -> None:
        self.absolute = absolute
        self.model = model
        self.graph = graph
        self.plain = plain
        self.nodes = {node.name: node for node in graph.nodes}
        self.readers: dict[str, list[GraphNode]] = {}
        for node in graph.nodes:
            for source in node.inputs:
                self.readers.setdefault(source, []).append(node)
        self.sorted = {node.name for node in graph.nodes if self.is_rotated(node)}

    def run(self) -> Optimized:
        """Build the model, then fold."""
        # What has to be multiplied into the linear layers that read a tensor: a factor, and rotated channels.
        pending: dict[str, tuple[float, int]] = {}
        folds: dict[str, Fold] = {}

        def call(node: GraphNode, inputs: Any) -> Any:
            scale, channels = pending.get(node.inputs[0], (1.0, 0))
            if node.name in self.sorted:
                factor = float(self.model.get_layer(node.name).k_coef_lip)
                pending[node.name] = (factor, int(inputs.shape[-1]))
                return self.absolute(name=node.name)(inputs)
            output = self.call(node, inputs)
            if self.is_linear(node):
                rotates = any(reader.name in self.sorted for reader in self.readers.get(node.name, []))
                folds[node.name] = Fold(scale, channels, rotates)
            elif _is_alike(node) and self.is_folded(node):
                output, factor = _without_factor(output)
                pending[node.name] = (scale * factor, channels)
            return output

        built = functional_model(self.graph, call, self.model.name)
        take_weights(built, self.plain)
        folds = {name: fold for name, fold in folds.items() if fold != Fold()}
        for name, fold in folds.items():
            source, target = self.plain.get_layer(name), built.get_layer(name)
            target.kernel.assign(fold.kernel(np.asarray(source.kernel)))
            if getattr(source, "bias", None) is not None:
                target.bias.assign(fold.bias(np.asarray(source.bias)))
        return Optimized(built, folds)

    def call(self, node: GraphNode, argument: Any) -> Any:
        layer = self.model.get_layer(node.name)
        rows = isinstance(layer, keras.layers.Flatten) and layer.data_format == "channels_last"
        if rows and None not in argument.shape[1:]:
            return FlatRows(name=node.name)(argument)
        return plain_layer_call(layer, argument)

    def is_linear(self, node: GraphNode) -> bool:
        """Whether its plain form is one linear layer, inputs and outputs in the last two axes of its kernel."""
        operation, *_ = node.spec.lower(*node.input_shapes)
        return isinstance(operation, (Dense, Convolution)) and getattr(node.spec, "groups", 1) == 1

    def is_folded(self, node: GraphNode) -> bool:
        """Whether everything that reads a node comes to linear layers, through what treats channels alike."""
        readers = self.readers.get(node.name, [])
        return node.name not in self.graph.outputs and all(
            self.is_linear(reader) or (_is_alike(reader) and self.is_folded(reader)) for reader in readers
        )

    def is_rotated(self, node: GraphNode) -> bool:
        """Whether sorting pairs can be rotated: linear before it, read by it alone, and linear after it."""
        before = self.nodes.get(node.inputs[0])
        return (
            node.kind == "GroupSort2"
            and getattr(node.spec, "pairing", "halves") == "halves"
            and before is not None
            and self.is_linear(before)
            and getattr(before.spec, "activation", None) in (None, "linear")
            and before.name not in self.graph.outputs
            and len(self.readers[before.name]) == 1
            and self.is_folded(node)
        )


def _is_alike(node: GraphNode) -> bool:
    """Whether a layer is linear and does the same to every channel."""
    return all(operation.is_alike for operation in node.spec.lower(*node.input_shapes))


def _without_factor(output: Any) -> tuple[Any, float]:
    """What a rescaling by one number reads, and the number."""
    operation = output._keras_history.operation
    if isinstance(operation, keras.layers.Rescaling) and np.ndim(operation.scale) == 0:
        return operation.input, float(np.float32(operation.scale))
    return output, 1.0
