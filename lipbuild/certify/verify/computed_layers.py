"""Layers that compute their kernel from their weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.certify.verify import computed
from lipbuild.certify.verify.balls import Ball, exact
from lipbuild.certify.verify.call import Call, Reader
from lipbuild.certify.verify.floats import SLACK, norm
from lipbuild.certify.verify.kernel_layers import geometry_of


def _computed(call: Call, kind: str, geometry: Mapping[str, Any], ball: Ball, more: float = 0.0) -> None:
    k = call.options.float32("k_coef_lip")
    ball = ball * exact(k)
    bias = {"bias": call.weights[-1].astype(np.float64)} if call.options.flag("use_bias") else {}
    call.add(kind, geometry, {"kernel": ball.middle} | bias, error=_off(ball) + abs(k) * more * SLACK)
    call.activate()


def _off(ball: Ball) -> float:
    """A kernel of Frobenius norm ε has at most the norm ε √taps as a convolution."""
    return math.sqrt(math.prod(ball.middle.shape[:-2])) * norm(ball.radius) * SLACK


def _expect(call: Call, shape: Sequence[int], expected: Sequence[int]) -> None:
    if tuple(shape) != tuple(expected):
        raise call.refuse(f"has a weight or a kernel of shape {tuple(shape)}; {tuple(expected)} is needed")


def ortho_dense(call: Call) -> None:
    """A block of a reflection."""
    inputs, units = call.shapes[0][-1], call.options.whole("units")
    vectors = call.arrays(True, call.options.left.get("use_bias") is True)[0]
    _expect(call, vectors.shape, (max(inputs, units), vectors.shape[-1]))
    block, more = computed.orthogonal_dense(vectors, inputs, units)
    _computed(call, "dense", {}, block, more)


def ortho_convolution(kind: str) -> Reader:
    """A convolution of two-tap factors and a patch matrix, or its adjoint."""

    def read(call: Call) -> None:
        sizes, filters, channels = (
            call.options.wholes("kernel_size"),
            call.options.whole("filters"),
            call.shapes[0][-1],
        )
        groups = call.options.whole("groups") if "groups" in call.options.left else 1
        if groups < 1 or channels % groups or filters % groups or (groups > 1 and kind != "convolution"):
            raise call.refuse(f"has {groups} groups")
        geometry = geometry_of(call, groups)
        strides = geometry["strides"]
        based = sum(sizes) > sum(strides)
        arrays = call.arrays(based, True, call.options.left.get("use_bias") is True)
        inputs, outputs = (channels, filters) if kind == "convolution" else (filters, channels)
        inputs, outputs = inputs // groups, outputs // groups
        patch, count = arrays[1 if based else 0], sum(sizes) - sum(strides)
        _expect(call, patch.shape, (groups, math.prod(strides) * inputs, outputs))
        if based:
            mixed = outputs if math.prod(strides) == 1 and outputs > inputs else inputs
            _expect(call, arrays[0].shape[:2], (groups * count, mixed))
        parts = []
        for i in range(groups):
            bases = arrays[0][i * count : (i + 1) * count] if based else None
            parts.append(computed.orthogonal_convolution(patch[i], bases, sizes, strides))
            _expect(call, parts[-1].middle.shape, (*sizes, inputs, outputs))
        middle, radius = (
            np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in ("middle", "radius")
        )
        _computed(call, kind, geometry, Ball(middle, radius))

    return read


def aol_dense(call: Call) -> None:
    """A matrix with rescaled rows or columns."""
    weight = call.arrays(True, call.options.left.get("use_bias") is True)[0]
    _expect(call, weight.shape, (call.shapes[0][-1], call.options.whole("units")))
    _computed(call, "dense", {}, computed.almost_orthogonal(weight))


def aol_convolution(call: Call) -> None:
    """A convolution with rescaled channels."""
    weight = call.arrays(True, call.options.left.get("use_bias") is True)[0]
    shape = (*call.options.wholes("kernel_size"), call.shapes[0][-1], call.options.whole("filters"))
    _expect(call, weight.shape, shape)
    _computed(call, "convolution", geometry_of(call), computed.almost_orthogonal(weight))


def sll(call: Call, sizes: tuple[int, ...], hidden: Any) -> None:
    """X − B relu(Wᵀx + b), times k."""
    weight, scales, bias = call.arrays(True, True, True)
    channels = call.shapes[0][-1]
    _expect(call, weight.shape, (*sizes, channels, hidden or channels))
    _expect(call, scales.shape, weight.shape[-1:])
    into, back = computed.residual(weight, scales)
    ones = (1,) * len(sizes)
    geometry = {"strides": ones, "padding": "same", "dilation": ones, "groups": 1} if sizes else {}
    kinds = ("convolution", "transposed_convolution") if sizes else ("dense", "dense")
    error = _off(into) if np.any(into.radius) else 0.0
    call.add(kinds[0], geometry, {"kernel": into.middle, "bias": bias}, part="into", error=error)
    call.add("activation", {"function": "relu"}, part="relu")
    written = back.middle if sizes else np.ascontiguousarray(back.middle.T)
    branch = call.add(kinds[1], geometry, {"kernel": written}, part="back", error=_off(back))
    call.add("subtract", inputs=(call.inputs[0], branch))
    call.scale_by_k()
