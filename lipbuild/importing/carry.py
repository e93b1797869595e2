"""The weights of an existing model, brought onto the constraint of the network that replaces it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.model import build_model
from lipbuild.importing.coefficients import KERNELS, kernel_norm
from lipbuild.importing.saved_graph import SavedGraph, SavedLayer
from lipbuild.layers.kernels.constrained_kernel import ConstrainedKernel
from lipbuild.layers.kernels.spectral_convolution import SpectralConvolution
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT
from lipbuild.saved.saved import Stored

# A kernel is brought this far below its bound, so that rounding it to float32 does not lift it above.
_BELOW = 1.0 - 2.0**-20

Array = NDArray[np.float64]


def carry_weights(
    graph: Graph,
    name: str,
    saved: SavedGraph,
    weights: Mapping[str, Stored],
    origins: Mapping[str, str],
    *,
    orthogonal: bool = True,
) -> keras.Model:
    """Build the network of a config with the weights of the model that the config was made from.

    Layers of deel-lip keep the kernels that they apply at inference, so predictions stay. Layers of lipbuild keep
    everything. A kernel of plain Keras is brought onto its constraint: the nearest kernel with all singular
    values 1 (of a convolution one whose operator has them near 1), or the kernel divided by its norm. Either
    divides what a layer makes, by the root mean square of its singular values or by the greatest, and the biases
    after it are divided by the same. Divided by its norms a network of ReLUs in a row computes what it did times
    one number: it predicts the same classes. A batch normalisation is multiplied into the layer before it first.

    Args:
        graph: The graph of the config.
        name: The model's name.
        saved: The saved model.
        weights: Its weights by layer.
        origins: For each node's name that of the saved layer.
        orthogonal: Whether kernels of plain Keras are made orthogonal, or only divided by their norms.

    Returns:
        The model. Every kernel is on its constraint.
    """
    model = build_model(graph, name)
    carrier = _Carrier(saved, weights, orthogonal)
    nodes = {origins[node.name]: node.name for node in graph.nodes if node.name in origins}
    for layer in saved.layers:
        carrier.carry(layer, model.get_layer(nodes[layer.name]) if layer.name in nodes else None)
    return model


class _Carrier:
    """What each layer makes now over what it made, as far as one number can say it."""

    def __init__(self, saved: SavedGraph, weights: Mapping[str, Stored], orthogonal: bool) -> None:
        self.weights = weights
        self.orthogonal = orthogonal
        self.proportion: dict[str, float] = {INPUT: 1.0}
        readers: dict[str, list[SavedLayer]] = {}
        for layer in saved.layers:
            for source in layer.inputs:
                readers.setdefault(source, []).append(layer)
        # A batch normalisation that alone reads a layer.
        self.normalised = {
            source: found[0]
            for source, found in readers.items()
            if len(found) == 1 and found[0].kind == "BatchNormalization"
        }

    def carry(self, layer: SavedLayer, target: keras.layers.Layer | None) -> None:
        before = [self.proportion[source] for source in layer.inputs]
        proportion = sum(before) / len(before)
        own = layer.stored(self.weights)
        if target is None or not target.weights:
            proportion *= _scale_of(target)
        elif layer.package == "lipbuild":
            target.set_weights(_in_order(own))
        elif layer.package == "deel-lip" and layer.kind in KERNELS:
            _keep_kernel(layer, target, own)
        elif isinstance(target, ConstrainedKernel):
            proportion = self._project(layer, target, own, proportion)
        else:
            _copy(target, own)
        self.proportion[layer.name] = proportion

    def _project(self, layer: SavedLayer, target: ConstrainedKernel, own: Stored, proportion: float) -> float:
        kernel, bias = self._with_normalisation(layer, own)
        mean, greatest = _sizes(target, kernel)
        if greatest == 0.0:
            return 0.0
        if self.orthogonal:
            target.orthogonalise(kernel / mean)
        else:
            target.kernel.assign(_float32(kernel / greatest * _BELOW))
        proportion *= target.scale / (mean if self.orthogonal else greatest)
        if target.bias is not None:
            target.bias.assign(_float32(bias * proportion))
        return proportion

    def _with_normalisation(self, layer: SavedLayer, own: Stored) -> tuple[Array, Array]:
        kernel = np.asarray(own["0"], np.float64)
        found = own["1"] if layer.config.get("use_bias", True) else None
        bias = np.zeros(kernel.shape[-1]) if found is None else np.asarray(found, np.float64)
        after = self.normalised.get(layer.name)
        if after is None or layer.config.get("activation") not in (None, "linear"):
            return kernel, bias
        gamma, beta, mean, variance = _normalisation(after, after.stored(self.weights))
        factor = gamma / np.sqrt(variance + float(after.config["epsilon"]))
        return kernel * factor, (bias - mean) * factor + beta


def _sizes(target: ConstrainedKernel, kernel: Array) -> tuple[float, float]:
    """The root mean square of the singular values that a layer brings to 1, and at least the greatest of them."""
    if isinstance(target, SpectralConvolution) and target.by_operator:
        return target.operator_sizes(kernel)
    values = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)
    return float(np.sqrt(np.mean(values * values))), float(values[0])


def _keep_kernel(layer: SavedLayer, target: Any, own: Stored) -> None:
    kernel = np.asarray(own["wbar"], np.float64) / target.scale
    bound = kernel_norm(layer, kernel)
    target.kernel.assign(_float32(kernel * min(1.0, _BELOW / bound) if bound > 0.0 else kernel))
    if target.bias is not None:
        target.bias.assign(own["1"])


def _copy(target: keras.layers.Layer, own: Stored) -> None:
    """Weights of the same shapes, within what the target's constraints allow."""
    for weight, value in zip(target.weights, _in_order(own)):
        allowed = getattr(weight, "constraint", None)
        weight.assign(value if allowed is None else allowed(keras.ops.convert_to_tensor(value)))


def _scale_of(target: keras.layers.Layer | None) -> float:
    """What a scaled pooling multiplies an average by."""
    if type(target).__name__ == "ScaledAveragePooling2D":
        return math.sqrt(math.prod(target.pool_size))  # type: ignore[union-attr]
    if type(target).__name__ == "ScaledGlobalAveragePooling2D":
        height, width = target.input.shape[1:3]  # type: ignore[union-attr]
        return math.sqrt(float(height or 1) * float(width or 1))
    return 1.0


def _normalisation(layer: SavedLayer, own: Stored) -> tuple[Array, Array, Array, Array]:
    """γ, β, mean and variance; 1 and 0 where there is no γ or β."""
    values = [np.asarray(value, np.float64) for value in _in_order(own)]
    mean, variance = values[-2:]
    rest = values[:-2]
    gamma = rest.pop(0) if layer.config.get("scale", True) else np.ones_like(mean)
    beta = rest.pop(0) if layer.config.get("center", True) else np.zeros_like(mean)
    return gamma, beta, mean, variance


def _in_order(own: Stored) -> list[np.ndarray]:
    """The weights in the order of their numbers."""
    return [own[key] for key in sorted((key for key in own if key.isdigit()), key=int)]


def _float32(values: Array) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)
