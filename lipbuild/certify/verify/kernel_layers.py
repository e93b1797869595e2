"""Layers with a kernel that is a weight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lipbuild.certify.verify.call import Call, Reader
from lipbuild.certify.verify.floats import Array


def _kernel(call: Call, scale: float = 1.0) -> dict[str, Array]:
    """Kernel and bias; the kernel times a number in its own precision, as the layer multiplies it."""
    use_bias = call.options.flag("use_bias")
    arrays = call.arrays(True, use_bias)
    if scale != 1.0:
        weight = call.weights[0]
        arrays[0] = (weight * weight.dtype.type(scale)).astype(np.float64)
    return {"kernel": arrays[0]} | ({"bias": arrays[1]} if use_bias else {})


def k_of(call: Call) -> float:
    """The constant that a layer multiplies its kernel by."""
    value = call.options.take("k_coef_lip")
    if type(value) not in (int, float) or not math.isfinite(value):
        raise call.refuse(f"has `k_coef_lip`: {value!r}")
    return float(value)


def dense(*, constrained: bool = False) -> Reader:
    """A matrix that is a weight, times k."""

    def read(call: Call) -> None:
        arrays = _kernel(call, k_of(call) if constrained else 1.0)
        if arrays["kernel"].shape[1:] != (call.options.whole("units"),):
            raise call.refuse("has a kernel of another shape than it says")
        call.add("dense", {}, arrays)
        call.activate()

    return read


def geometry_of(call: Call, groups: int = 1) -> dict[str, Any]:
    """Where a convolution reads."""
    strides = call.options.wholes("strides")
    return {
        "strides": strides,
        "padding": call.options.take("padding"),
        "dilation": call.options.wholes("dilation_rate", (1,) * len(strides)),
        "groups": groups,
    }


def _patches(sizes: Sequence[int], strides: Sequence[int]) -> float:
    """1/√(patches that a pixel is in), by which the constrained convolutions multiply their kernel."""
    return 1.0 / math.sqrt(math.prod(-(-k // s) for k, s in zip(sizes, strides, strict=True)))


def convolution(kind: str, outputs_axis: int, *, constrained: bool = False) -> Reader:
    """A convolution or its adjoint by a kernel that is a weight, times k over the root of the patches of a pixel."""

    def read(call: Call) -> None:
        sizes, filters = call.options.wholes("kernel_size"), call.options.whole("filters")
        groups = call.options.whole("groups") if kind == "convolution" else 1
        geometry = geometry_of(call, groups)
        call.options.only("output_padding", None)
        arrays = _kernel(call, k_of(call) * _patches(sizes, geometry["strides"]) if constrained else 1.0)
        shape = arrays["kernel"].shape
        if shape[:-2] != sizes or shape[outputs_axis] != filters:
            raise call.refuse("has a kernel of another shape than it says")
        call.add(kind, geometry, arrays)
        call.activate()

    return read


def _channelwise(call: Call, kernel: Array) -> tuple[Array, int]:
    if kernel.shape[:-2] != call.options.wholes("kernel_size") or kernel.shape[-1] != call.options.whole(
        "depth_multiplier"
    ):
        raise call.refuse("has a kernel of another shape than it says")
    return kernel.reshape(*kernel.shape[:-2], 1, -1), kernel.shape[-2]


def depthwise(call: Call) -> None:
    """A group for each channel."""
    arrays = _kernel(call)
    arrays["kernel"], groups = _channelwise(call, arrays["kernel"])
    call.add("convolution", geometry_of(call, groups), arrays)
    call.activate()


def separable(call: Call) -> None:
    """A group for each channel, then a matrix for each pixel."""
    use_bias = call.options.flag("use_bias")
    arrays = call.arrays(True, True, use_bias)
    kernel, groups = _channelwise(call, arrays[0])
    call.add("convolution", geometry_of(call, groups), {"kernel": kernel}, part="depthwise")
    call.options.only("groups", 1)
    ones = (1,) * (kernel.ndim - 2)
    pointwise = {"strides": ones, "padding": "valid", "dilation": ones, "groups": 1}
    if arrays[1].shape[-1] != call.options.whole("filters"):
        raise call.refuse("has a kernel of another shape than it says")
    call.add("convolution", pointwise, {"kernel": arrays[1]} | ({"bias": arrays[2]} if use_bias else {}))
    call.activate()
