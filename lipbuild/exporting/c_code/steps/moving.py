"""What moves, repeats or leaves out values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index, strides_of
from lipbuild.exporting.c_code.steps.step import Step


class Same(Step):
    """Values that stay where they are: identities and other shapes."""

    moves_nothing = True

    def write(self, code: Code, call: Call) -> None:
        """A copy, where one is needed."""
        with code.loop("i", call.size) as i:
            code.line(f"{call.y}[{i}] = {call.x}[{i}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        return inputs[0].reshape(len(inputs[0]), *call.shape)


class Permute(Step):
    """Axes in another order."""

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        reads = strides_of(call.shapes[0])
        with code.loops("p", call.shape) as p:
            place = index(*((reads[d - 1], name) for d, name in zip(call.node.parameters["dims"], p)))
            code.line(f"{call.y}[{index(*zip(strides_of(call.shape), p))}] = {call.x}[{place}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        return np.transpose(inputs[0], (0, *call.node.parameters["dims"]))


class Slice(Step):
    """Some of the values."""

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        reads, start, strides = strides_of(call.shapes[0]), 0, []
        for axis, (stride, length) in enumerate(zip(reads, call.shapes[0])):
            first, step = 0, 1
            if axis < len(call.node.parameters["slices"]):
                first, _, step = slice(*call.node.parameters["slices"][axis]).indices(length)
            start += stride * first
            strides.append(stride * step)
        with code.loops("p", call.shape) as p:
            place = index(*zip(strides, p), offset=start)
            code.line(f"{call.y}[{index(*zip(strides_of(call.shape), p))}] = {call.x}[{place}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        index_of_values = (slice(None), *(slice(*s) for s in call.node.parameters["slices"]))
        return inputs[0][index_of_values]


class Repeat(Step):
    """Each value repeated along the spatial axes."""

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        reads, times = strides_of(call.shapes[0]), (*call.node.parameters["times"], 1)
        with code.loops("p", call.shape) as p:
            places = [name if n == 1 else f"({name} / {n})" for name, n in zip(p, times)]
            place = index(*zip(reads, places))
            code.line(f"{call.y}[{index(*zip(strides_of(call.shape), p))}] = {call.x}[{place}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x = inputs[0]
        for axis, times in enumerate(call.node.parameters["times"]):
            x = np.repeat(x, times, axis=axis + 1)
        return x


class ZeroPadding(Step):
    """Zeros around."""

    def write(self, code: Code, call: Call) -> None:
        """Zeros, and the values in their midst."""
        writes = strides_of(call.shape)
        start = sum(s * before for s, (before, _) in zip(writes, call.node.parameters["padding"]))
        with code.loop("i", call.size) as i:
            code.line(f"{call.y}[{i}] = {call.literal(0.0)};")
        with code.loops("p", call.shapes[0]) as p:
            read = index(*zip(strides_of(call.shapes[0]), p))
            code.line(f"{call.y}[{index(*zip(writes, p), offset=start)}] = {call.x}[{read}];")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        return np.pad(inputs[0], [(0, 0), *map(tuple, call.node.parameters["padding"]), (0, 0)])
