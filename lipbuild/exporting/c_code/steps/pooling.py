"""Pooling, of windows and of whole images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.convolution import per_axis
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index, strides_of
from lipbuild.exporting.c_code.steps.step import Step
from lipbuild.exporting.c_code.steps.taps import batch_of, first_places, is_inside, taps, taps_within


def _axes(call: Call) -> list[Axis]:
    p = call.node.parameters
    sizes = p["pool_size"]
    steps = per_axis(p["strides"], len(sizes))
    return [
        Axis(size, stride, 1, p["padding"], length)
        for size, stride, length in zip(sizes, steps, call.shapes[0][:-1], strict=True)
    ]


class MaxPooling(Step):
    """The largest value of each window."""

    def write(self, code: Code, call: Call) -> None:
        """From the first value on."""
        axes, channels = _axes(call), call.shape[-1]
        reads, writes = strides_of(call.shapes[0]), strides_of(call.shape)
        with code.loops("p", call.shape[:-1]) as p, code.loop("c", channels) as c:
            first = index(*zip(reads, first_places(code, axes, p)), (1, c))
            code.line(f"{call.type} largest = {call.x}[{first}];")
            with taps(code, axes, p) as (_, places):
                code.line(f"const {call.type} v = {call.x}[{index(*zip(reads, places), (1, c))}];")
                code.line("largest = (v > largest) ? v : largest;")
            code.line(f"{call.y}[{index(*zip(writes, p), (1, c))}] = largest;")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x, axes = inputs[0], _axes(call)
        firsts = [np.maximum(np.arange(axis.outputs) * axis.stride - axis.left, 0) for axis in axes]
        y = x[np.ix_(np.arange(len(x)), *firsts, np.arange(x.shape[-1]))].copy()
        for _, windows, places in taps_within(axes):
            v, largest = x[batch_of(places)], y[batch_of(windows)]
            y[batch_of(windows)] = np.where(v > largest, v, largest)
        return y


class AveragePooling(Step):
    """The mean of each window, padding left out."""

    def write(self, code: Code, call: Call) -> None:
        """A sum, and a division by how many there are."""
        axes, channels = _axes(call), call.shape[-1]
        reads, writes = strides_of(call.shapes[0]), strides_of(call.shape)
        whole = all(map(is_inside, axes))
        with code.loops("p", call.shape[:-1]) as p, code.loop("c", channels) as c:
            code.line(f"{call.type} sum = {call.literal(0.0)};")
            with taps(code, axes, p) as (_, places):
                code.line(f"sum += {call.x}[{index(*zip(reads, places), (1, c))}];")
            sizes = [
                str(axis.size) if is_inside(axis) else f"(to{i} - from{i})" for i, axis in enumerate(axes)
            ]
            count = call.literal(math.prod(axis.size for axis in axes)) if whole else ""
            count = count or f"({call.type})({' * '.join(sizes)})"
            code.line(f"{call.y}[{index(*zip(writes, p), (1, c))}] = sum / {count};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        sums, counts = _sums(call, inputs[0])
        return sums / counts


class NormPooling(Step):
    """√(mean of the squares of a window + ε)."""

    def write(self, code: Code, call: Call) -> None:
        """A sum of squares, a division and a root."""
        axes, channels = _axes(call), call.shape[-1]
        reads, writes = strides_of(call.shapes[0]), strides_of(call.shape)
        count = call.literal(math.prod(axis.size for axis in axes))
        with code.loops("p", call.shape[:-1]) as p, code.loop("c", channels) as c:
            code.line(f"{call.type} sum = {call.literal(0.0)};")
            with taps(code, axes, p) as (_, places):
                code.line(f"const {call.type} v = {call.x}[{index(*zip(reads, places), (1, c))}];")
                code.line("sum += v * v;")
            root = f"{call.arithmetic.root}((sum / {count}) + {call.literal(_epsilon(call))})"
            code.line(f"{call.y}[{index(*zip(writes, p), (1, c))}] = {root};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        sums, counts = _sums(call, inputs[0], squared=True)
        return np.sqrt(sums / counts + call.number_of(_epsilon(call)))


class GlobalMaxPooling(Step):
    """The largest value of each channel."""

    def write(self, code: Code, call: Call) -> None:
        """Position after position."""
        positions, channels = _positions(call)
        with code.loop("c", channels) as c:
            code.line(f"{call.y}[{c}] = {call.x}[{c}];")
        with code.loop("p", positions) as p, code.loop("c", channels) as c:
            code.line(f"const {call.type} v = {call.x}[{index((channels, p), (1, c))}];")
            code.line(f"{call.y}[{c}] = (v > {call.y}[{c}]) ? v : {call.y}[{c}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x = _flat(call, inputs[0])
        y = x[:, 0]
        for p in range(x.shape[1]):
            y = np.where(x[:, p] > y, x[:, p], y)
        return y.reshape(len(x), *call.shape)


class GlobalAveragePooling(Step):
    """The mean of each channel."""

    def write(self, code: Code, call: Call) -> None:
        """A sum, position after position, and a division."""
        _write_sums(code, call, "{}")
        with code.loop("c", _positions(call)[1]) as c:
            code.line(f"{call.y}[{c}] /= {call.literal(_positions(call)[0])};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x = _flat(call, inputs[0])
        total = np.zeros((len(x), x.shape[2]), call.arithmetic.dtype)
        for p in range(x.shape[1]):
            total = total + x[:, p]
        return (total / call.number_of(x.shape[1])).reshape(len(x), *call.shape)


class GlobalNormPooling(Step):
    """√(sum of the squares of each channel + ε)."""

    def write(self, code: Code, call: Call) -> None:
        """A sum of squares, position after position, and a root."""
        _write_sums(code, call, "{0} * {0}")
        with code.loop("c", _positions(call)[1]) as c:
            root = f"{call.arithmetic.root}({call.y}[{c}] + {call.literal(_epsilon(call))})"
            code.line(f"{call.y}[{c}] = {root};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x = _flat(call, inputs[0])
        total = np.zeros((len(x), x.shape[2]), call.arithmetic.dtype)
        for p in range(x.shape[1]):
            total = total + x[:, p] * x[:, p]
        return np.sqrt(total + call.number_of(_epsilon(call))).reshape(len(x), *call.shape)


def _epsilon(call: Call) -> float:
    return float(call.node.parameters["epsilon"])


def _positions(call: Call) -> tuple[int, int]:
    return math.prod(call.shapes[0][:-1]), call.shapes[0][-1]


def _flat(call: Call, x: Values) -> Values:
    return x.reshape(len(x), *_positions(call))


def _write_sums(code: Code, call: Call, term: str) -> None:
    positions, channels = _positions(call)
    with code.loop("c", channels) as c:
        code.line(f"{call.y}[{c}] = {call.literal(0.0)};")
    with code.loop("p", positions) as p, code.loop("c", channels) as c:
        code.line(f"const {call.type} v = {call.x}[{index((channels, p), (1, c))}];")
        code.line(f"{call.y}[{c}] += {term.format('v')};")


def _sums(call: Call, x: Values, *, squared: bool = False) -> tuple[Values, Values]:
    """The sums of the windows, tap after tap, and how many values are in each."""
    sums = np.zeros((len(x), *call.shape), call.arithmetic.dtype)
    counts = np.zeros((*call.shape[:-1], 1), call.arithmetic.dtype)
    for _, windows, places in taps_within(_axes(call)):
        v = x[batch_of(places)]
        sums[batch_of(windows)] += v * v if squared else v
        counts[tuple(windows)] += 1
    return sums, counts
