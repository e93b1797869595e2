"""Operations on several inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index
from lipbuild.exporting.c_code.steps.step import Step


class Sum(Step):
    """Sums and differences, one input after the other.

    Args:
        sign: What stands before each input after the first.
        mean: Whether the sum is divided by how many there are.
    """

    def __init__(self, sign: str = "+", *, mean: bool = False) -> None:
        self.sign = sign
        self.mean = mean

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        with code.loop("i", call.size) as i:
            code.line(f"{call.type} sum = {call.reads[0]}[{i}];")
            for x in call.reads[1:]:
                code.line(f"sum {self.sign}= {x}[{i}];")
            code.line(f"{call.y}[{i}] = sum{f' / {call.literal(len(call.reads))}' if self.mean else ''};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        total = inputs[0]
        for x in inputs[1:]:
            total = total + x if self.sign == "+" else total - x
        return total / call.number_of(len(inputs)) if self.mean else total


class Extreme(Step):
    """The greatest or the least, value by value.

    Args:
        comparison: With which a value takes the place of those before it.
    """

    def __init__(self, comparison: str) -> None:
        self.comparison = comparison

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        with code.loop("i", call.size) as i:
            code.line(f"{call.type} chosen = {call.reads[0]}[{i}];")
            for x in call.reads[1:]:
                code.line(f"chosen = ({x}[{i}] {self.comparison} chosen) ? {x}[{i}] : chosen;")
            code.line(f"{call.y}[{i}] = chosen;")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        chosen = inputs[0]
        for x in inputs[1:]:
            chosen = np.where(x > chosen if self.comparison == ">" else x < chosen, x, chosen)
        return chosen


class Concatenate(Step):
    """One after the other along an axis."""

    def write(self, code: Code, call: Call) -> None:
        """Input by input."""
        axis = call.node.parameters["axis"] % len(call.shape)
        outer, whole = math.prod(call.shape[:axis]), math.prod(call.shape[axis:])
        start = 0
        for x, shape in zip(call.reads, call.shapes, strict=True):
            length = math.prod(shape[axis:])
            with code.loop("p", outer) as p, code.loop("i", length) as i:
                place = index((whole, p), (1, i), offset=start)
                code.line(f"{call.y}[{place}] = {x}[{index((length, p), (1, i))}];")
            start += length

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        return np.concatenate(inputs, axis=call.node.parameters["axis"] % len(call.shape) + 1)
