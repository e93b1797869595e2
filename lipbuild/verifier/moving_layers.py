"""Layers that move, shift and merge values."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.verifier.call import Call, Reader
from lipbuild.verifier.floats import U
from lipbuild.verifier.options import float32s

_FACTOR_ERROR = 8.0 * U
# Keras's own epsilon: no file holds it.
_KERAS_EPSILON = float(np.float32(1e-7))


def identity(call: Call) -> None:
    """Nothing, at inference."""
    call.add("identity")


def reshape(call: Call) -> None:
    """A shape, in which one size may be left open by -1, or flat."""
    shape = call.options.take("target_shape", [-1])
    if not isinstance(shape, (list, tuple)) or any(type(n) is not int for n in shape):
        raise call.refuse(f"has the shape {shape!r:.60}")
    call.add("reshape", {"shape": tuple(shape)})


def permute(call: Call) -> None:
    """Axes in another order."""
    call.add("permute", {"dims": call.options.wholes("dims")})


def _pairs(value: Any) -> tuple[tuple[int, int], ...]:
    pairs = value if isinstance(value[0], (list, tuple)) else [value]
    if any(type(n) is not int or n < 0 for pair in pairs for n in pair):
        raise ValueError(f"{value!r:.60} are not whole numbers")
    return tuple((a, b) for a, b in pairs)


def zero_padding(call: Call) -> None:
    """Zeros around."""
    call.add("zero_padding", {"padding": _pairs(call.options.take("padding"))})


def cropping(call: Call) -> None:
    """What is inside."""
    slices = tuple((a, -b or None, None) for a, b in _pairs(call.options.take("cropping")))
    if len(slices) != len(call.shapes[0]) - 1:
        raise call.refuse(f"crops {len(slices)} axes of {call.shapes[0]}")
    call.add("slice", {"slices": slices})


def up_sampling(call: Call) -> None:
    """To the nearest."""
    call.options.only("interpolation", "nearest")
    size = call.options.take("size")
    call.options.left["size"] = [size] if type(size) is int else size
    call.add("repeat", {"times": call.options.wholes("size")})


def rescaling(call: Call) -> None:
    """A factor and a shift."""
    arrays = {}
    for key, name in (("factor", "scale"), ("offset", "offset")):
        value = call.options.take(name)
        if isinstance(value, dict) and value.get("class_name") == "__numpy__":
            # Keras rounds what is given to the type that is named.
            value, dtype = value["config"]["value"], value["config"]["dtype"]
            if dtype not in ("float32", "float64") and (np.asarray(value).dtype.kind, dtype) != (
                "i",
                "int64",
            ):
                raise call.refuse(f"has its `{name}` as numbers of the type {dtype!r:.40}")
        arrays[key] = float32s(call.name, value)
    call.add("scale", {}, arrays)


def batch_normalization(call: Call) -> None:
    """γ (x − mean)/√(variance + ε) + β with the moving statistics."""
    scale, center = call.options.flag("scale"), call.options.flag("center")
    epsilon = call.options.float32("epsilon")
    if call.options.take("axis") not in (-1, len(call.shapes[0])):
        raise call.refuse("normalises along another axis than the last")
    call.options.only("renorm", False)
    arrays = call.arrays(scale, center, True, True)
    if not (arrays[-1] >= 0.0).all() or not (arrays[-1] + epsilon > 0.0).all():
        raise call.refuse("divides by a variance that is not positive")
    factor = (arrays[0] if scale else 1.0) / np.sqrt(arrays[-1] + epsilon)
    shift = {"offset": arrays[1 if scale else 0]} if center else {}
    call.add("scale", {"factor_error": _FACTOR_ERROR}, {"factor": factor, "mean": arrays[-2]} | shift)


def normalization(call: Call) -> None:
    """(x − mean)/max(√variance, Keras's epsilon), or back.

    Keras broadcasts the statistics to the shape that the layer is built for: on another one the result grows.
    """
    built = call.built.get("input_shape") if isinstance(call.built, dict) and len(call.built) == 1 else None
    shape = (None, *call.shapes[0])
    if (
        not isinstance(built, (list, tuple))
        or len(built) != len(shape)
        or any(n not in (None, m) for n, m in zip(built[1:], shape[1:], strict=True))
    ):
        raise call.refuse(f"is built for {built!r:.60} and called on {shape}")
    axis, mean, variance = (call.options.take(key, None) for key in ("axis", "mean", "variance"))
    axes = [] if axis is None else [axis] if type(axis) is int else list(axis)
    if len(axes) > 1 or any(a not in (-1, len(call.shapes[0])) for a in axes):
        raise call.refuse("normalises along another axis than the last")
    if mean is None and len(call.weights) in (2, 3):
        mean, variance = call.weights[:2]
    mean, variance = float32s(call.name, mean), float32s(call.name, variance)
    if not (variance >= 0.0).all():
        raise call.refuse("has a negative variance")
    deviation = np.maximum(np.sqrt(variance), _KERAS_EPSILON)
    back = call.options.flag("invert", False)
    arrays = {"factor": deviation, "offset": mean} if back else {"factor": 1.0 / deviation, "mean": mean}
    call.add("scale", {"factor_error": _FACTOR_ERROR}, arrays)


def merge(kind: str, count: int | None = None) -> Reader:
    """An operation on a given number of tensors, or on two and more."""

    def read(call: Call) -> None:
        if len(call.inputs) != count if count else len(call.inputs) < 2:
            raise call.refuse(f"merges {len(call.inputs)} tensors")
        call.add(kind)

    return read


def concatenate(call: Call) -> None:
    """Along an axis; halves of channels as (larger, smaller) are a sort."""
    axis = call.axis(call.options.take("axis"))
    source = _sorted_halves(call, axis)
    if source is None:
        call.add("concatenate", {"axis": axis})
    else:
        call.add("group_sort", inputs=(source,))


def _sorted_halves(call: Call, axis: int) -> str | None:
    """The node whose halves along the last axis the two inputs are the maximum and the minimum of."""
    parts = [call.before[name] for name in call.inputs]
    if [p.kind for p in parts] != ["maximum", "minimum"] or axis != len(call.shapes[0]) - 1:
        return None
    halves = [call.before[name] for name in parts[0].inputs]
    half, everything = call.shapes[0][-1], ((None, None, None),) * axis
    wanted = {(*everything, (None, half, None)), (*everything, (half, None, None))}
    sliced = (
        len(halves) == 2
        and all(h.kind == "slice" for h in halves)
        and sorted(parts[1].inputs) == sorted(parts[0].inputs)
    )
    if (
        not sliced
        or {tuple(h.options["slices"]) for h in halves} != wanted
        or halves[0].inputs != halves[1].inputs
    ):
        return None
    return halves[0].inputs[0]
