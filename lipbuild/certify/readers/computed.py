"""Layers that compute their kernel from their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.balls import Balls
from lipbuild.certify.computed.computed_kernel import ComputedKernel
from lipbuild.certify.computed.orthogonal_convolution import orthogonal_convolution_kernel
from lipbuild.certify.computed.orthogonal_dense import orthogonal_dense_kernel
from lipbuild.certify.computed.rescaled import rescaled_kernel
from lipbuild.certify.computed.residual import residual_kernels
from lipbuild.certify.network import Node
from lipbuild.certify.readers.activations import activated
from lipbuild.certify.readers.arrays import check_count, float32_of, scaled
from lipbuild.certify.readers.layer_call import LayerCall, Reader
from lipbuild.certify.readers.linear import geometry, transposed_geometry


def _computed(call: LayerCall, compute: Callable[[], ComputedKernel]) -> ComputedKernel:
    try:
        return compute()
    except ValueError as error:
        raise call.refused(f"has a kernel that cannot be computed: {error}") from error


def _times(call: LayerCall, balls: Balls) -> Balls:
    return balls * Balls.exact(np.asarray(float32_of(call, call.config["k_coef_lip"])))


def _node(call: LayerCall, kind: str, parameters: dict[str, Any], kernel: ComputedKernel) -> list[Node]:
    arrays: dict[str, Array] = {"kernel": kernel.kernel}
    if call.config["use_bias"]:
        arrays["bias"] = np.asarray(call.weights[-1])
    return activated(call, [call.node(kind, parameters | {"kernel_error": kernel.error}, arrays)])


def orthogonal_dense(call: LayerCall) -> list[Node]:
    """`OrthoDense`."""
    check_count(call, True, bool(call.config["use_bias"]))
    inputs, units = call.shape[-1], int(call.config["units"])
    vectors = np.asarray(call.weights[0])
    if vectors.ndim != 2 or vectors.shape[0] != max(inputs, units):
        raise call.refused(f"has vectors of shape {vectors.shape}")
    factor = float32_of(call, call.config["k_coef_lip"])
    kernel = _computed(call, lambda: orthogonal_dense_kernel(vectors, inputs, units, factor))
    return _node(call, "dense", {}, kernel)


def _orthogonal_kernel(call: LayerCall, channels: tuple[int, int], groups: int = 1) -> ComputedKernel:
    size, strides = tuple(call.config["kernel_size"]), tuple(call.config["strides"])
    has_bases = sum(size) - sum(strides) > 0
    check_count(call, has_bases, True, bool(call.config["use_bias"]))
    bases = np.asarray(call.weights[0]) if has_bases else None
    patch = np.asarray(call.weights[1 if has_bases else 0])
    kernel = _computed(
        call,
        lambda: ComputedKernel.of(
            _times(call, orthogonal_convolution_kernel(patch, bases, size, strides, groups))
        ),
    )
    if kernel.kernel.shape != (*size, *channels):
        raise call.refused(f"has a kernel of shape {kernel.kernel.shape}")
    return kernel


def orthogonal_convolution(call: LayerCall) -> list[Node]:
    """`OrthoConv2D`."""
    # Files of before there were groups do not say how many there are.
    groups = int(call.config.get("groups", 1))
    if groups < 1 or call.shape[-1] % groups:
        raise call.refused(f"has {groups} groups")
    kernel = _orthogonal_kernel(call, (call.shape[-1] // groups, int(call.config["filters"])), groups)
    return _node(call, "convolution", geometry(call, groups), kernel)


def orthogonal_transposed_convolution(call: LayerCall) -> list[Node]:
    """`OrthoConv2DTranspose`, which has no groups."""
    if call.config.get("groups", 1) != 1:
        raise call.refused(f"has {call.config['groups']} groups")
    kernel = _orthogonal_kernel(call, (int(call.config["filters"]), call.shape[-1]))
    return _node(call, "transposed_convolution", transposed_geometry(call), kernel)


def _rescaled(call: LayerCall, shape: tuple[int, ...]) -> ComputedKernel:
    check_count(call, True, bool(call.config["use_bias"]))
    weight = np.asarray(call.weights[0])
    if weight.shape != shape:
        raise call.refused(f"has a weight of shape {weight.shape}")
    return _computed(call, lambda: ComputedKernel.of(_times(call, rescaled_kernel(weight))))


def rescaled_dense(call: LayerCall) -> list[Node]:
    """`AOLDense`."""
    return _node(call, "dense", {}, _rescaled(call, (call.shape[-1], int(call.config["units"]))))


def rescaled_convolution(call: LayerCall) -> list[Node]:
    """`AOLConv2D`."""
    shape = (*call.config["kernel_size"], call.shape[-1], int(call.config["filters"]))
    return _node(call, "convolution", geometry(call), _rescaled(call, shape))


def residual_dense(call: LayerCall) -> list[Node]:
    """`SLLDense`: x − B relu(Wᵀx + b), times k."""
    into, back = _residual_kernels(call, (call.shape[-1], int(call.config["hidden_units"] or call.shape[-1])))
    hidden = call.node(
        "dense",
        {"kernel_error": into.error},
        {"kernel": into.kernel, "bias": np.asarray(call.weights[2])},
        suffix="into",
    )
    rectified = call.node("activation", {"function": "relu"}, suffix="relu", inputs=(hidden.name,))
    written = call.node(
        "dense",
        {"kernel_error": back.error},
        {"kernel": np.ascontiguousarray(back.kernel.T)},
        suffix="back",
        inputs=(rectified.name,),
    )
    return _block(call, [hidden, rectified, written])


def residual_convolution(call: LayerCall) -> list[Node]:
    """`SLLConv2D`: `SLLDense` with a convolution and its adjoint."""
    size, hidden_filters = tuple(call.config["kernel_size"]), call.config["hidden_filters"]
    into, back = _residual_kernels(call, (*size, call.shape[-1], int(hidden_filters or call.shape[-1])))
    ones = (1,) * len(size)
    common = {"strides": ones, "padding": "same", "dilation_rate": ones, "groups": 1}
    hidden = call.node(
        "convolution",
        common | {"kernel_error": into.error},
        {"kernel": into.kernel, "bias": np.asarray(call.weights[2])},
        suffix="into",
    )
    rectified = call.node("activation", {"function": "relu"}, suffix="relu", inputs=(hidden.name,))
    written = call.node(
        "transposed_convolution",
        common | {"kernel_error": back.error},
        {"kernel": back.kernel},
        suffix="back",
        inputs=(rectified.name,),
    )
    return _block(call, [hidden, rectified, written])


def _residual_kernels(call: LayerCall, shape: tuple[int, ...]) -> tuple[ComputedKernel, ComputedKernel]:
    check_count(call, True, True, True)
    weight, scales = np.asarray(call.weights[0]), np.asarray(call.weights[1])
    if weight.shape != shape:
        raise call.refused(f"has a weight of shape {weight.shape}")
    try:
        into, back = residual_kernels(weight, scales)
    except ValueError as error:
        raise call.refused(f"has a kernel that cannot be computed: {error}") from error
    return ComputedKernel.of(into), ComputedKernel.of(back)


def _block(call: LayerCall, nodes: list[Node]) -> list[Node]:
    difference = call.node("subtract", inputs=(call.inputs[0], nodes[-1].name))
    return scaled(call, [*nodes, difference], call.config["k_coef_lip"])


OWN_LAYERS: dict[str, Reader] = {
    "OrthoDense": orthogonal_dense,
    "OrthoConv2D": orthogonal_convolution,
    "OrthoConv2DTranspose": orthogonal_transposed_convolution,
    "AOLDense": rescaled_dense,
    "AOLConv2D": rescaled_convolution,
    "SLLDense": residual_dense,
    "SLLConv2D": residual_convolution,
}
