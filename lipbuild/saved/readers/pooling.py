"""Pooling layers, and other layers on windows."""

from __future__ import annotations

from typing import Any

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.layer_call import LayerCall, Reader


def _windows(call: LayerCall) -> dict[str, Any]:
    return {
        "pool_size": tuple(call.config["pool_size"]),
        "strides": tuple(call.config["strides"]),
        "padding": call.config["padding"],
    }


def _pooling(kind: str) -> Reader:
    def read(call: LayerCall) -> list[NetworkNode]:
        return [call.node(kind, _windows(call))]

    return read


def _global_pooling(kind: str) -> Reader:
    def read(call: LayerCall) -> list[NetworkNode]:
        return [call.node(kind, {"keepdims": bool(call.config["keepdims"])})]

    return read


def up_sampling(call: LayerCall) -> list[NetworkNode]:
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
