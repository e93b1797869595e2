"""The coefficients with which layers of deel-lip keep their kernels as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.dense import dense
from lipbuild.importing.change import Change
from lipbuild.importing.saved_graph import SavedGraph, SavedLayer
from lipbuild.saved.saved import Stored

# A kernel that exceeds its coefficient by less is brought below it.
_NEARLY = 1e-6
KERNELS = {
    *("SpectralDense", "FrobeniusDense", "SpectralConv1D", "SpectralConv2D", "FrobeniusConv2D"),
    "SpectralConv2DTranspose",
}


def window_factor(layer: SavedLayer) -> float:
    """1/√(⌈kh/sh⌉·⌈kw/sw⌉): what lipbuild multiplies a convolution's kernel by."""
    sizes = layer.config.get("kernel_size")
    if sizes is None:
        return 1.0
    strides = layer.config["strides"]
    pairs = zip(_tuple(sizes), _tuple(strides))
    return 1.0 / math.sqrt(math.prod(-(-size // stride) for size, stride in pairs))


def coefficients_of(
    graph: SavedGraph, weights: Mapping[str, Stored]
) -> tuple[dict[str, float], list[Change]]:
    """For each constrained layer of deel-lip the least coefficient with which lipbuild's can hold its kernel.

    A file of deel-lip holds as `wbar` what the layer multiplies by at inference. The coefficient is the layer's
    own where that kernel keeps it, and its proved norm where it does not: the layer then never had the constant
    that it was asked for.

    Returns:
        The coefficients by the layers' names, and a change for each that is not the layer's own.
    """
    found: dict[str, float] = {}
    changes: list[Change] = []
    for layer in graph.layers:
        if layer.kind not in KERNELS or layer.package != "deel-lip":
            continue
        asked = float(layer.config.get("k_coef_lip", 1.0))
        norm = kernel_norm(layer, layer.stored(weights)["wbar"]) / window_factor(layer)
        if norm <= asked * (1.0 + _NEARLY):
            found[layer.name] = asked
            continue
        found[layer.name] = float(np.float32(norm * (1.0 + _NEARLY)))
        changes.append(
            Change(
                layer.name,
                f"its coefficient is {found[layer.name]:.9g}",
                f"deel-lip asked for {asked:g}, and its kernel has up to that constant",
                kind=layer.kind,
                option="k_coef_lip",
            )
        )
    return found, changes


def kernel_norm(layer: SavedLayer, kernel: np.ndarray) -> float:
    """A proved bound of the norm that lipbuild holds a kernel of this layer to."""
    if layer.kind == "FrobeniusDense" and layer.config.get("disjoint_neurons", True):
        return max(dense(kernel[:, i : i + 1]).upper for i in range(kernel.shape[1]))
    if layer.kind.startswith("Frobenius"):
        return dense(kernel.reshape(-1, 1)).upper
    return dense(kernel.reshape(-1, kernel.shape[-1])).upper


def _tuple(value: Any) -> tuple[int, ...]:
    return (int(value),) if isinstance(value, int) else tuple(int(v) for v in value)
