"""Layers that are functions of channels, values and windows."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certify.verify.call import Call, Reader
from lipbuild.certify.verify.kernel_layers import k_of
from lipbuild.certify.verify.options import float32


def group_sort2(call: Call) -> None:
    """Pairs."""
    call.add("group_sort", {"size": 2, "pairing": call.options.take("pairing")})
    call.scale_by_k()


def group_sort(call: Call) -> None:
    """Groups of n neighbours, or all."""
    channels, n = call.shapes[0][-1], call.options.take("n")
    call.add(
        "group_sort", {"size": channels if n is None else min(int(n), channels), "pairing": "neighbours"}
    )
    call.scale_by_k()


def max_min(call: Call) -> None:
    """Positive and negative parts."""
    call.add("max_min", {"axis": len(call.shapes[0]) - 1})
    call.scale_by_k()


def householder(call: Call) -> None:
    """Reflected pairs."""
    call.add("householder", {}, {"angles": call.arrays(True)[0]})
    call.scale_by_k()


def p_relu(*, constrained: bool = False) -> Reader:
    """A slope for each value, or shared along axes."""

    def read(call: Call) -> None:
        call.options.take("shared_axes", None)  # the shape of the slopes says it
        call.add("p_relu", {}, {"slopes": call.arrays(True)[0]})
        if constrained:
            call.scale_by_k()

    return read


def activation(call: Call) -> None:
    """A function by name, or a layer."""
    call.apply(call.options.take("activation"))


def relu(call: Call) -> None:
    """Without a threshold, at which it would jump."""
    slope, most, threshold = (
        call.options.take(key, None) for key in ("negative_slope", "max_value", "threshold")
    )
    if threshold:
        raise call.refuse("jumps at its threshold")
    if most is not None and not float32(call.name, most) >= 0.0:
        raise call.refuse(f"has the largest value {most!r}, below 0")
    if not slope and most is None:
        call.add("activation", {"function": "relu"})
        return
    limit = {} if most is None else {"maximum": float32(call.name, most)}
    call.add("activation", {"function": "leaky_relu", "slope": float32(call.name, slope or 0.0)} | limit)


def leaky_relu(call: Call) -> None:
    """A slope below 0."""
    call.add("activation", {"function": "leaky_relu", "slope": call.options.float32("negative_slope")})


def elu(call: Call) -> None:
    """An exponential below 0."""
    call.add("activation", {"function": "elu", "alpha": call.options.float32("alpha")})


def softmax(call: Call) -> None:
    """Along one axis."""
    call.add("softmax", {"axis": call.axis(call.options.take("axis", -1))})


def _windows(call: Call) -> dict[str, Any]:
    o = call.options
    return {"pool_size": o.wholes("pool_size"), "strides": o.wholes("strides"), "padding": o.take("padding")}


def _root_down(factor: float, count: int) -> float:
    """The largest float32 whose square is at most factor² · count, by which the scaled poolings multiply."""
    value, most = np.float32(factor * math.sqrt(count)), Fraction(factor) ** 2 * count
    while Fraction(float(value)) ** 2 > most:
        value = np.nextafter(value, np.float32(0.0))
    return float(value)


def pooling(kind: str, *, scaled: bool = False, whole: bool = False, epsilon: bool = False) -> Reader:
    """Pooling over windows or the whole image, scaled by the root of the number of values or not."""

    def read(call: Call) -> None:
        options: dict[str, Any] = {"keepdims": call.options.flag("keepdims")} if whole else _windows(call)
        if epsilon:
            options["epsilon"] = call.options.float32("eps_grad_sqrt")
        call.add(kind, options)
        if not scaled:
            return
        if whole and epsilon:
            call.scale_by_k()
        else:
            count = math.prod(call.shapes[0][:-1] if whole else options["pool_size"])
            call.times(_root_down(k_of(call), count))

    return read
