"""Pooling layers, and other layers on windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certify.network import Node
from lipbuild.certify.readers.arrays import float32_of, scaled
from lipbuild.certify.readers.layer_call import LayerCall, Reader


def _windows(call: LayerCall) -> dict[str, Any]:
    return {
        "pool_size": tuple(call.config["pool_size"]),
        "strides": tuple(call.config["strides"]),
        "padding": call.config["padding"],
    }


def _pooling(kind: str) -> Reader:
    def read(call: LayerCall) -> list[Node]:
        return [call.node(kind, _windows(call))]

    return read


def _global_pooling(kind: str) -> Reader:
    def read(call: LayerCall) -> list[Node]:
        return [call.node(kind, {"keepdims": bool(call.config["keepdims"])})]

    return read


def _root_down(factor: float, count: int) -> float:
    """The greatest float32 that is at most factor · √count, as the scaled layers multiply by."""
    single = np.float32(factor * math.sqrt(count))
    while Fraction(float(single)) ** 2 > Fraction(factor) ** 2 * count:
        single = np.nextafter(single, np.float32(0.0))
    return float(single)


def _factor(call: LayerCall, lengths: Sequence[int]) -> float:
    return _root_down(float(call.config["k_coef_lip"]), math.prod(lengths))


def scaled_average_pooling(call: LayerCall) -> list[Node]:
    """`ScaledAveragePooling2D`."""
    pooling = call.node("average_pooling", _windows(call))
    return scaled(call, [pooling], _factor(call, call.config["pool_size"]))


def scaled_global_average_pooling(call: LayerCall) -> list[Node]:
    """`ScaledGlobalAveragePooling2D`."""
    pooling = call.node("global_average_pooling", {"keepdims": bool(call.config["keepdims"])})
    return scaled(call, [pooling], _factor(call, call.shape[:-1]))


def scaled_norm_pooling(call: LayerCall) -> list[Node]:
    """`ScaledL2NormPooling2D`."""
    parameters = _windows(call) | {"epsilon": float32_of(call, call.config["eps_grad_sqrt"])}
    return scaled(call, [call.node("norm_pooling", parameters)], _factor(call, call.config["pool_size"]))


def scaled_global_norm_pooling(call: LayerCall) -> list[Node]:
    """`ScaledGlobalL2NormPooling2D`."""
    parameters = {
        "keepdims": bool(call.config["keepdims"]),
        "epsilon": float32_of(call, call.config["eps_grad_sqrt"]),
    }
    return scaled(call, [call.node("global_norm_pooling", parameters)], call.config["k_coef_lip"])


def up_sampling(call: LayerCall) -> list[Node]:
    """`UpSampling1D`, `UpSampling2D` to the nearest, `UpSampling3D`."""
    if call.config.get("interpolation", "nearest") != "nearest":
        raise call.refused(f"interpolates by `{call.config['interpolation']}`, whose constant is not known")
    size = call.config["size"]
    return [call.node("repeat", {"times": (size,) if isinstance(size, int) else tuple(size)})]


LAYERS: dict[str, Reader] = {}
for _axes in ("1D", "2D", "3D"):
    LAYERS |= {
        f"AveragePooling{_axes}": _pooling("average_pooling"),
        f"MaxPooling{_axes}": _pooling("max_pooling"),
        f"GlobalAveragePooling{_axes}": _global_pooling("global_average_pooling"),
        f"GlobalMaxPooling{_axes}": _global_pooling("global_max_pooling"),
        f"UpSampling{_axes}": up_sampling,
    }
OWN_LAYERS: dict[str, Reader] = {
    "ScaledAveragePooling2D": scaled_average_pooling,
    "ScaledGlobalAveragePooling2D": scaled_global_average_pooling,
    "ScaledL2NormPooling2D": scaled_norm_pooling,
    "ScaledGlobalL2NormPooling2D": scaled_global_norm_pooling,
}
