"""Layers with a kernel that is a weight."""

from __future__ import annotations

from typing import Any

from lipbuild.verifier.call import Call, Reader
from lipbuild.verifier.floats import Array


def _kernel(call: Call) -> dict[str, Array]:
    """Kernel and bias."""
    use_bias = call.options.flag("use_bias")
    arrays = call.arrays(True, use_bias)
    return {"kernel": arrays[0]} | ({"bias": arrays[1]} if use_bias else {})


def dense(call: Call) -> None:
    """A matrix."""
    arrays = _kernel(call)
    if arrays["kernel"].shape[1:] != (call.options.whole("units"),):
        raise call.refuse("has a kernel of another shape than it says")
    call.add("dense", {}, arrays)
    call.activate()


def geometry_of(call: Call, groups: int = 1) -> dict[str, Any]:
    """Where a convolution reads."""
    strides = call.options.wholes("strides")
    return {
        "strides": strides,
        "padding": call.options.take("padding"),
        "dilation": call.options.wholes("dilation_rate", (1,) * len(strides)),
        "groups": groups,
    }


def convolution(kind: str, outputs_axis: int) -> Reader:
    """A convolution or its adjoint."""

    def read(call: Call) -> None:
        sizes, filters = call.options.wholes("kernel_size"), call.options.whole("filters")
        groups = call.options.whole("groups") if kind == "convolution" else 1
        geometry = geometry_of(call, groups)
        call.options.only("output_padding", None)
        arrays = _kernel(call)
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
