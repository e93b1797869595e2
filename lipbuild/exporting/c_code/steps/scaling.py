"""Scales and centring."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code, index, strides_of
from lipbuild.exporting.c_code.steps.elements import elements
from lipbuild.exporting.c_code.steps.step import Step


class Scale(Step):
    """(x − mean) · factor + offset, mean and offset where they are."""

    in_place = True

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        with elements(code, call) as (place, arrays):
            text = f"{call.x}[{place}]"
            if "mean" in arrays:
                text = f"({text} - {arrays['mean']})"
            text = f"{text} * {arrays['factor']}"
            if "offset" in arrays:
                text = f"({text}) + {arrays['offset']}"
            code.line(f"{call.y}[{place}] = {text};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x, arrays = inputs[0], call.node.arrays
        x = x - call.values("mean") if "mean" in arrays else x
        x = x * call.values("factor")
        return x + call.values("offset") if "offset" in arrays else x


class Centering(Step):
    """x less its mean along axes."""

    in_place = True

    def write(self, code: Code, call: Call) -> None:
        """A sum, and the differences."""
        axes, strides = tuple(call.node.parameters["axes"]), strides_of(call.shape)
        kept = [axis for axis in range(len(call.shape)) if axis not in axes]
        with code.loops("k", [call.shape[axis] for axis in kept]) as k, code.block(""):
            outside = [(strides[axis], name) for axis, name in zip(kept, k)]
            along = [(strides[axis], call.shape[axis]) for axis in axes]
            code.line(f"{call.type} mean = {call.literal(0.0)};")
            with code.loops("m", [n for _, n in along]) as m:
                place = index(*outside, *((s, name) for (s, _), name in zip(along, m)))
                code.line(f"mean += {call.x}[{place}];")
            code.line(f"mean /= {call.literal(math.prod(n for _, n in along))};")
            with code.loops("m", [n for _, n in along]) as m:
                place = index(*outside, *((s, name) for (s, _), name in zip(along, m)))
                code.line(f"{call.y}[{place}] = {call.x}[{place}] - mean;")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        x, axes = inputs[0], tuple(call.node.parameters["axes"])
        lengths = [call.shape[axis] for axis in axes]
        total = np.zeros([n for i, n in enumerate(x.shape) if i - 1 not in axes], call.arithmetic.dtype)
        for place in itertools.product(*map(range, lengths)):
            chosen = dict(zip(axes, place))
            total = total + x[tuple(chosen.get(i - 1, slice(None)) for i in range(x.ndim))]
        mean = total / call.number_of(math.prod(lengths))
        return x - np.expand_dims(mean, [axis + 1 for axis in axes])
