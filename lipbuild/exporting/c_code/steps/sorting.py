"""Values in order, by comparisons alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index
from lipbuild.exporting.c_code.steps.step import Step


class GroupSort(Step):
    """Groups of channels: neighbours ascending, or halves as (larger, smaller)."""

    in_place = True

    def write(self, code: Code, call: Call) -> None:
        """Pairs at once; larger groups by exchanges of neighbours."""
        channels, size = call.shape[-1], call.node.parameters["size"]
        rows = math.prod(call.shape[:-1])
        if call.node.parameters["pairing"] == "halves":
            half = channels // 2
            with code.loop("p", rows) as p, code.loop("i", half) as i:
                _pair(code, call, index((channels, p), (1, i)), index((channels, p), (1, i), offset=half))
        elif size == 2:
            with code.loop("i", rows * channels // 2) as i:
                _pair(code, call, index((2, i), offset=1), index((2, i)))
        else:
            _sort(code, call, rows * channels // size, size, 1)

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x, size = inputs[0], call.node.parameters["size"]
        if call.node.parameters["pairing"] == "halves":
            a, b = np.split(x, 2, axis=-1)
            return np.concatenate([np.where(a > b, a, b), np.where(a > b, b, a)], axis=-1)
        if size == 2:
            b, a = x[..., ::2], x[..., 1::2]
            return np.stack([np.where(a > b, b, a), np.where(a > b, a, b)], axis=-1).reshape(x.shape)
        return _sorted(x.reshape(*x.shape[:-1], -1, size)).reshape(x.shape)


class Sort(Step):
    """Values ascending along an axis."""

    in_place = True

    def write(self, code: Code, call: Call) -> None:
        """By exchanges of neighbours."""
        axis = call.node.parameters["axis"]
        inner = math.prod(call.shape[axis + 1 :])
        _sort(code, call, math.prod(call.shape[:axis]), call.shape[axis], inner)

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        axis = call.node.parameters["axis"] + 1
        return np.moveaxis(_sorted(np.moveaxis(inputs[0], axis, -1)), -1, axis)


class MaxMin(Step):
    """max(x, 0) beside max(−x, 0) along an axis."""

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        axis, shape = call.node.parameters["axis"], call.shapes[0]
        inner = math.prod(shape[axis:])
        zero = call.literal(0.0)
        with code.loop("p", math.prod(shape[:axis])) as p, code.loop("i", inner) as i:
            code.line(f"const {call.type} v = {call.x}[{index((inner, p), (1, i))}];")
            place, beside = (index((2 * inner, p), (1, i), offset=n) for n in (0, inner))
            code.line(f"{call.y}[{place}] = (v > {zero}) ? v : {zero};")
            code.line(f"{call.y}[{beside}] = (v < {zero}) ? -v : {zero};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x, zero = inputs[0], call.number_of(0.0)
        parts = [np.where(x > zero, x, zero), np.where(x < zero, -x, zero)]
        return np.concatenate(parts, axis=call.node.parameters["axis"] + 1)


def _pair(code: Code, call: Call, larger: str, smaller: str) -> None:
    """Two values to the places of the larger and the smaller; the first of them is that of the larger."""
    code.line(f"const {call.type} a = {call.x}[{larger}];")
    code.line(f"const {call.type} b = {call.x}[{smaller}];")
    code.line(f"{call.y}[{larger}] = (a > b) ? a : b;")
    code.line(f"{call.y}[{smaller}] = (a > b) ? b : a;")


def _sort(code: Code, call: Call, groups: int, size: int, inner: int) -> None:
    if call.x != call.y:
        with code.loop("i", call.size) as i:
            code.line(f"{call.y}[{i}] = {call.x}[{i}];")
    if size == 1:
        return
    with code.loop("g", groups) as g, code.loop("q", inner) as q:
        start = index((size * inner, g), (1, q))
        with code.loop("n", size - 1), code.loop("i", size - 1) as i:
            low, high = (index((1, start), (inner, i), offset=n) for n in (0, inner))
            code.line(f"const {call.type} a = {call.y}[{low}];")
            code.line(f"const {call.type} b = {call.y}[{high}];")
            code.line(f"{call.y}[{low}] = (a > b) ? b : a;")
            code.line(f"{call.y}[{high}] = (a > b) ? a : b;")


def _sorted(x: Values) -> Values:
    """Sorted along the last axis, by the same exchanges."""
    y = x.copy()
    for _ in range(x.shape[-1] - 1):
        for i in range(x.shape[-1] - 1):
            a, b = y[..., i].copy(), y[..., i + 1].copy()
            y[..., i], y[..., i + 1] = np.where(a > b, b, a), np.where(a > b, a, b)
    return y
