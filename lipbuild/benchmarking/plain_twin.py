"""The network that one would have written without Lipschitz layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lipbuild.building.functional import functional_model
from lipbuild.building.layers import keras_layer
from lipbuild.layers import LipschitzLayer
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.shapes import known_shape

_DENSE = ("units", "use_bias")
_CONV = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias")
_POOL = ("pool_size", "strides", "padding")

# Each layer of lipbuild: Keras's own in its place, and the arguments that the two share.
_TWINS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("SpectralDense", "FrobeniusDense", "OrthoDense", "AOLDense", "LastLayerNormalized"),
        ("Dense", _DENSE),
    ),
    **dict.fromkeys(
        ("SpectralConv2D", "FrobeniusConv2D", "PadConv2D", "OrthoConv2D", "AOLConv2D"), ("Conv2D", _CONV)
    ),
    "SpectralConv1D": ("Conv1D", _CONV),
    **dict.fromkeys(("SpectralConv2DTranspose", "OrthoConv2DTranspose"), ("Conv2DTranspose", _CONV)),
    "ScaledAveragePooling2D": ("AveragePooling2D", _POOL),
    "ScaledL2NormPooling2D": ("AveragePooling2D", _POOL),
    "ScaledGlobalAveragePooling2D": ("GlobalAveragePooling2D", ()),
    "ScaledGlobalL2NormPooling2D": ("GlobalAveragePooling2D", ()),
    **dict.fromkeys(
        ("GroupSort", "GroupSort2", "FullSort", "Householder", "PReLUlip", "MaxMin"), ("ReLU", ())
    ),
    "OrthoRNN": ("SimpleRNN", ("units", "return_sequences", "use_bias")),
    "LipResidual": ("Add", ()),
    "BatchCentering": ("BatchNormalization", ()),
    "LayerCentering": ("LayerNormalization", ()),
}


def plain_twin(graph: Graph, name: str = "plain") -> keras.Model:
    """The same network in plain Keras: unconstrained kernels, ReLU for sorting, plain pooling, x + f(x) for blocks.

    Args:
        graph: The graph of a config that has been checked.
        name: The model's name.

    Returns:
        An untrained functional `keras.Model` with the inputs, the shapes and nearly the number of weights of the
        network that `lipbuild.build` makes.
    """
    return functional_model(graph, lambda node, inputs: twin_call(node)(inputs), name)


def twin_call(node: GraphNode) -> Callable[[Any], Any]:
    """What one would have written in the place of a node."""
    arguments = node.spec.arguments()
    if node.kind in ("SLLDense", "CPLDense"):
        size, hidden = known_shape(node.shape)[-1], arguments.get("hidden_units")
        return _block(lambda n, a: keras.layers.Dense(n, activation=a), hidden or size, size)
    if node.kind in ("SLLConv2D", "CPLConv2D"):
        size, hidden, kernel = (
            known_shape(node.shape)[-1],
            arguments.get("hidden_filters"),
            arguments["kernel_size"],
        )
        return _block(
            lambda n, a: keras.layers.Conv2D(n, kernel, padding="same", activation=a), hidden or size, size
        )
    if node.kind == "MaxMin":
        return lambda x: keras.layers.ReLU()(keras.layers.Concatenate()([x, x]))
    if node.kind not in _TWINS:
        layer = keras_layer(node)
        # Without weights to constrain, the layer's own plain form is what one would have written.
        return layer.plain_call if isinstance(layer, LipschitzLayer) else layer
    twin, shared = _TWINS[node.kind]
    kept = {key: arguments[key] for key in shared if key in arguments}
    if kept.get("padding") not in ("same", "valid", None):
        kept["padding"] = "same"  # the other paddings are a layer of their own before the convolution
    plain: keras.layers.Layer = getattr(keras.layers, twin)(name=node.name, **kept)
    return plain


def _block(layer: Callable[[int, str | None], Any], hidden: int, size: int) -> Callable[[Any], Any]:
    return lambda x: keras.layers.Add()([x, layer(size, None)(layer(hidden, "relu")(x))])
