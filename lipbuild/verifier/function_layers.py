"""Layers that are functions of channels, values and windows."""

from __future__ import annotations

from typing import Any

from lipbuild.verifier.call import Call, Reader
from lipbuild.verifier.options import float32


def p_relu(call: Call) -> None:
    """A slope for each value, or shared along axes."""
    call.options.take("shared_axes", None)  # the shape of the slopes says it
    call.add("p_relu", {}, {"slopes": call.arrays(True)[0]})


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


def pooling(kind: str, *, whole: bool = False) -> Reader:
    """Pooling over windows or the whole image."""

    def read(call: Call) -> None:
        call.add(kind, {"keepdims": call.options.flag("keepdims")} if whole else _windows(call))

    return read
