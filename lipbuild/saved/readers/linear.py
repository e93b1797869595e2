"""Layers with a kernel of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.activations import activated
from lipbuild.saved.readers.arrays import check_count, kernel_and_bias
from lipbuild.saved.readers.layer_call import LayerCall, Reader


def dense(call: LayerCall) -> list[NetworkNode]:
    """`Dense`."""
    arrays = kernel_and_bias(call)
    if arrays["kernel"].ndim != 2 or arrays["kernel"].shape[1] != call.config["units"]:
        raise call.refused(f"has {call.config['units']} units and a kernel of {arrays['kernel'].shape}")
    return activated(call, [call.node("dense", {}, arrays)])


def geometry(call: LayerCall, groups: int = 1) -> dict[str, Any]:
    """Where a convolution reads and writes."""
    return {
        "strides": tuple(call.config["strides"]),
        "padding": call.config["padding"],
        "dilation_rate": tuple(call.config.get("dilation_rate", (1,) * len(call.config["strides"]))),
        "groups": groups,
    }


def _convolution(*, transposed: bool = False) -> Reader:
    """`Conv1D` to `Conv3D`, and their transposes."""

    def read(call: LayerCall) -> list[NetworkNode]:
        arrays = kernel_and_bias(call)
        shape = arrays["kernel"].shape
        filters = shape[-2] if transposed else shape[-1]
        if shape[:-2] != tuple(call.config["kernel_size"]) or filters != call.config["filters"]:
            raise call.refused(f"has a kernel of shape {shape}, and its configuration says otherwise")
        if transposed:
            return activated(call, [call.node("transposed_convolution", transposed_geometry(call), arrays)])
        parameters = geometry(call, int(call.config["groups"]))
        return activated(call, [call.node("convolution", parameters, arrays)])

    return read


def transposed_geometry(call: LayerCall) -> dict[str, Any]:
    """Where a transposed convolution reads and writes; without dilation or a choice of the output's size."""
    parameters = geometry(call)
    if call.config.get("output_padding") is not None or any(d != 1 for d in parameters["dilation_rate"]):
        raise call.refused("has a dilation or an output padding, which is not known")
    return parameters


def depthwise(call: LayerCall) -> list[NetworkNode]:
    """`DepthwiseConv1D` and `DepthwiseConv2D`: a group for each channel."""
    arrays = kernel_and_bias(call)
    arrays["kernel"], groups = _depthwise_kernel(call, arrays["kernel"])
    return activated(call, [call.node("convolution", geometry(call, groups), arrays)])


def _depthwise_kernel(call: LayerCall, kernel: np.ndarray) -> tuple[np.ndarray, int]:
    sizes, multiplier = tuple(call.config["kernel_size"]), call.config["depth_multiplier"]
    if kernel.shape[:-2] != sizes or kernel.shape[-1] != multiplier:
        raise call.refused(f"has a kernel of shape {kernel.shape}, and its configuration says otherwise")
    return kernel.reshape(*kernel.shape[:-2], 1, -1), int(kernel.shape[-2])


def separable(call: LayerCall) -> list[NetworkNode]:
    """`SeparableConv1D` and `SeparableConv2D`: a depthwise convolution, then one of size 1."""
    use_bias = bool(call.config["use_bias"])
    check_count(call, True, True, use_bias)
    weights = [np.asarray(weight) for weight in call.weights]
    kernel, groups = _depthwise_kernel(call, weights[0])
    first = call.node("convolution", geometry(call, groups), {"kernel": kernel}, suffix="depthwise")
    ones = (1,) * (kernel.ndim - 2)
    pointwise = {"strides": ones, "padding": "valid", "dilation_rate": ones, "groups": 1}
    arrays = {"kernel": weights[1]} | ({"bias": weights[2]} if use_bias else {})
    if weights[1].shape[-1] != call.config["filters"]:
        raise call.refused(f"has a pointwise kernel of shape {weights[1].shape}")
    return activated(call, [first, call.node("convolution", pointwise, arrays, inputs=(first.name,))])


LAYERS: dict[str, Reader] = {
    "Dense": dense,
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _convolution()),
    **dict.fromkeys(
        ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
        _convolution(transposed=True),
    ),
    "DepthwiseConv1D": depthwise,
    "DepthwiseConv2D": depthwise,
    "SeparableConv1D": separable,
    "SeparableConv2D": separable,
}
