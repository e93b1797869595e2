"""Layers that move, shift and merge values."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.certify.verify.call import Call, Reader
from lipbuild.certify.verify.elementary import power_of_e
from lipbuild.certify.verify.floats import U
from lipbuild.certify.verify.options import float32s

_FACTOR_ERROR = 8.0 * U


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
    call.add("slice", {"slices": slices})


def up_sampling(call: Call) -> None:
    """To the nearest."""
    call.options.only("interpolation", "nearest")
    size = call.options.take("size")
    call.options.left["size"] = [size] if type(size) is int else size
    call.add("repeat", {"times": call.options.wholes("size")})


def sampling(up: bool) -> Reader:
    """Windows of pixels to channels, or back."""

    def read(call: Call) -> None:
        (h, w, c), (p, q) = call.shapes[0], call.options.wholes("pool_size")
        if (c % (p * q)) if up else (h % p or w % q):
            raise call.refuse("does not divide its input")
        if up:
            steps = ((h, w, c // (p * q), p, q), (1, 4, 2, 5, 3), (h * p, w * q, c // (p * q)))
        else:
            steps = ((h // p, p, w // q, q, c), (1, 3, 5, 2, 4), (h // p, w // q, c * p * q))
        call.add("reshape", {"shape": steps[0]})
        call.add("permute", {"dims": steps[1]}, part="permuted")
        call.add("reshape", {"shape": steps[2]}, part="joined")
        call.scale_by_k()

    return read


def rescaling(call: Call) -> None:
    """A factor and a shift."""
    arrays = {
        key: float32s(call.name, call.options.take(name))
        for key, name in (("factor", "scale"), ("offset", "offset"))
    }
    call.add("scale", {}, arrays)


def batch_normalization(call: Call) -> None:
    """γ (x − mean)/√(variance + ε) + β with the moving statistics."""
    scale, center = call.options.flag("scale"), call.options.flag("center")
    epsilon = call.options.take("epsilon")
    if call.options.take("axis") not in (-1, len(call.shapes[0])):
        raise call.refuse("normalises along another axis than the last")
    call.options.only("renorm", False)
    arrays = call.arrays(scale, center, True, True)
    if type(epsilon) is not float or not (arrays[-1] >= 0.0).all() or not (arrays[-1] + epsilon > 0.0).all():
        raise call.refuse("divides by a variance that is not positive")
    factor = (arrays[0] if scale else 1.0) / np.sqrt(arrays[-1] + epsilon)
    shift = {"offset": arrays[1 if scale else 0]} if center else {}
    call.add("scale", {"factor_error": _FACTOR_ERROR}, {"factor": factor, "mean": arrays[-2]} | shift)


def normalization(call: Call) -> None:
    """(x − mean)/max(√variance, 10⁻⁷), or back."""
    axis, mean, variance = (call.options.take(key, None) for key in ("axis", "mean", "variance"))
    axes = [] if axis is None else [axis] if type(axis) is int else list(axis)
    if len(axes) > 1 or any(a not in (-1, len(call.shapes[0])) for a in axes):
        raise call.refuse("normalises along another axis than the last")
    if mean is None and len(call.weights) in (2, 3):
        mean, variance = call.weights[:2]
    mean, variance = float32s(call.name, mean), float32s(call.name, variance)
    if not (variance >= 0.0).all():
        raise call.refuse("has a negative variance")
    deviation = np.maximum(np.sqrt(variance), 1e-7)
    back = call.options.flag("invert", False)
    arrays = {"factor": deviation, "offset": mean} if back else {"factor": 1.0 / deviation, "mean": mean}
    call.add("scale", {"factor_error": _FACTOR_ERROR}, arrays)


def batch_centering(call: Call) -> None:
    """K (x − running mean) + bias; a third weight only says whether there was a batch."""
    use_bias = call.options.flag("use_bias")
    arrays = call.arrays(use_bias, True, True)
    factor = {"factor": np.array(call.options.float32("k_coef_lip")), "mean": arrays[-2]}
    call.add("scale", {}, factor | ({"offset": arrays[0]} if use_bias else {}))


def layer_centering(call: Call) -> None:
    """K (x − its mean) + bias."""
    rank, use_bias = len(call.shapes[0]), call.options.flag("use_bias")
    arrays = call.arrays(use_bias)
    call.add("centering", {"axes": tuple(range(max(rank - 1, 1)))})
    call.scale_by_k()
    if use_bias:
        call.add("scale", {}, {"factor": np.array(1.0), "offset": arrays[0]}, part="bias")


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
        call.add("group_sort", {"size": 2, "pairing": "halves"}, inputs=(source,))


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


def lip_residual(call: Call) -> None:
    """K (α x + (1 − α) y) with α = 1/(1 + e^{−logit})."""
    logit = call.arrays(True)[0]
    if len(call.inputs) != 2 or logit.shape != ():
        raise call.refuse("mixes other than two tensors by one share")
    small = power_of_e(-abs(float(logit)), 0.0, -700.0)
    shares = [1.0 / (1.0 + small), small / (1.0 + small)]
    if logit < 0.0:
        shares.reverse()
    names = [
        call.add(
            "scale", {"factor_error": _FACTOR_ERROR}, {"factor": np.array(share)}, part=part, inputs=(source,)
        )
        for share, part, source in zip(shares, ("first", "second"), call.inputs, strict=True)
    ]
    call.add("add", inputs=names)
    call.scale_by_k()
