"""The inputs for which a file states anything: what their norm and their results have to be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lipbuild.verifier.exports.graph import Graph
from lipbuild.verifier.exports.radius_steps import Steps
from lipbuild.verifier.floats import SLACK, U32, Array, at_most
from lipbuild.verifier.forward import served_error
from lipbuild.verifier.model import Model
from lipbuild.verifier.scaled import scaled_input

# What a step that rounds to float32 takes or gives, several times over: 1 − it counts against the file, 1 + it too.
ROUNDED = 2.0**-22
# What products lose that underflow, and a norm whose squares do, for each value's square root.
_UNDERFLOW, _LOST = 2.0**-124, 2.0**-60
_MOST_VALUES = 2**22


class Within(Steps):
    """A graph whose results are selected by whether an input is within what is certified.

    It is where n < limit and Σ|z| < 2¹⁰⁰, with z the logits or values and n the norm of the input as float32 computes
    it; both are replaced by 0 where it is not.

    Args:
        graph: The file.
        result: The tensor of its logits or values.
    """

    def __init__(self, graph: Graph, result: str) -> None:
        super().__init__(graph)
        self.logits = self.base(result)
        self.input = self.base(graph.input)
        self.within = self.norm = self.near = self.known = ""
        self.measured: str | None = ""
        self.limit = 0.0
        self.alone = False

    def conditions(self, within: str) -> Measured:
        """How an input is within what is certified, and the logits and the norm where it is."""
        self.within = within

        small, finite = self.either(
            within, "and", lambda one, _: self.is_kind(self.inputs(one, "less")[0], "square_root")
        )
        self.norm, limit = self.inputs(small, "less")
        self.limit = self.number(limit)
        squares = self.reduced(self.inputs(self.norm, "square_root")[0], "sum")
        maker = self.graph.makers[squares]
        [read] = {self.base(name) for name in maker.inputs}
        squared = maker.kind == "square" or (maker.kind == "multiply" and len(maker.inputs) == 2)
        self.hold(squared, "the norm of the input")
        # Or of what scales of single inputs make of it, as has to be shown.
        self.measured = "" if read == self.input else self.node_of(read)
        size, most = self.inputs(finite, "less")
        self.hold(0.0 < self.number(most) <= 2.0**126, "the size of finite logits")
        # A sum of one number is left out by some converters.
        self.alone = self.is_kind(size, "activation")
        added = size if self.alone else self.reduced(size, "sum")
        self.hold(self.function(added, "abs") == self.logits, "the size of the logits")
        for operation in self.graph.operations:
            if operation.kind != "where" or self.base(operation.inputs[0]) != within:
                continue
            if self.base(operation.inputs[1]) == self.norm:
                self.near = self.base(operation.output)
            elif self.base(operation.inputs[1]) == self.logits:
                self.known = self.base(operation.output)
            else:
                continue
            self.hold(self.number(operation.inputs[2]) == 0.0, "what is not within is not 0")
        self.hold(bool(self.near and self.known), "what is not within is not left out")
        return Measured(self.limit, math.prod(self.graph.shape), self.measured)

    def node_of(self, tensor: str) -> str | None:
        """The node of the model that makes a tensor; None where it is computed beside the model, under any name."""
        layers = self.graph.layers
        if layers is not None:
            return layers.get(tensor)
        left, needed = [self.logits], set()
        while left:
            name = left.pop()
            if name not in needed:
                needed.add(name)
                maker = self.graph.makers.get(name)
                left += maker.inputs if maker is not None else ()
        return tensor if tensor in needed else None

    def line(self, tensor: str) -> tuple[str, float, float]:
        """slope · t + offset."""
        product, offset = self.scaled(tensor, "add")
        at, slope = self.scaled(product)
        return at, slope, offset

    def lines(self, tensor: str) -> tuple[str, Array, Array]:
        """slope_j · t + offset_j for several j, a dense layer of one number: what t is, the slopes, the offsets."""
        maker = self.graph.makers[self.base(tensor)]
        offset = ""
        if maker.kind == "add":
            names = [self.base(name) for name in maker.inputs]
            [offset] = [name for name in names if name in self.graph.constants]
            [product] = [name for name in names if name not in self.graph.constants]
            maker = self.graph.makers[product]
        self.hold(maker.kind in ("matmul", "multiply"), "the bound of the error")
        constants = [name for name in maker.inputs if name in self.graph.constants]
        if not offset:
            [_, offset] = constants
            constants = constants[:1]
        [slope], [read] = constants, [name for name in maker.inputs if name not in self.graph.constants]
        slopes, offsets = (self.row(name) for name in (slope, offset))
        self.hold(slopes.shape == offsets.shape, "the bound of the error")
        return self.base(read), slopes, offsets

    def row(self, tensor: str) -> Array:
        """A constant of one axis that has several numbers, or none."""
        value = self.graph.constants[tensor]
        self.hold(value.dtype.name == "float32" and value.size == max(value.shape, default=1), "a row")
        self.hold(bool(np.isfinite(value).all()), "a number is not finite")
        return np.asarray(value, np.float64).reshape(-1)


@dataclass(frozen=True)
class ErrorLine:
    """A bound of the error of float32 by the norm of the input as it is computed: slope · n + offset.

    Args:
        slope: For each unit of the computed norm.
        distance: For each unit of a distance by which the input moves away.
        offset: What does not depend on the input.
    """

    slope: float
    distance: float
    offset: float

    def is_at_most(self, slope: float, offset: float) -> bool:
        """Whether a stated line is above it, the rounding of its own steps counted."""
        return bool(
            at_most(self.slope * (1.0 + ROUNDED) * SLACK, slope)
            and at_most(self.offset * (1.0 + ROUNDED), offset)
        )

    def plus(self, more: float) -> ErrorLine:
        """With something added that does not depend on the input."""
        return ErrorLine(self.slope, self.distance, (self.offset + more) * SLACK)

    def at_both_ends(self, distance: float) -> ErrorLine:
        """The sum of the errors at an input, and at any other that is no further from it than a distance."""
        offset = (2.0 * self.offset + self.distance * distance) * SLACK
        return ErrorLine(2.0 * self.slope, 2.0 * self.distance, offset)


@dataclass(frozen=True)
class Measured:
    """The computed norm by which an input is within what is certified.

    Args:
        limit: The number that it is below.
        values: How many numbers it is of.
        node: What they are: the node that scales the inputs one by one; empty for the inputs themselves, and None for
            what no node of the model makes.
    """

    limit: float
    values: int
    node: str | None = ""


def error_line(
    model: Model,
    gains: Mapping[str, float],
    constants: Mapping[str, float],
    measured: Measured,
    further: float = 0.0,
) -> ErrorLine | str:
    """The bound of the error for all inputs that are within what is certified.

    For an input of the norm ‖x‖, the computed one n is off by v + 8 roundings of v squares, and by what underflows:
    ‖x‖ <= N(n) = (1 + (v + 8) 2⁻²⁴) n + √v 2⁻⁶⁰. The proved error e of float32 is convex in the norm, as it is made of
    sums and norms of numbers that are affine in it; so for all norms up to N(limit) it is at most the chord a‖x‖ + b
    from 0 to there. Where n is the norm of scaled inputs y, which are themselves computed with an error of up to
    a‖y‖ + b, that is ‖y‖ <= (N(n) + b)/(1 − a).

    Args:
        model: What computes the logits or values.
        gains: A proved constant of each node on one input.
        constants: A proved constant of each node with respect to the input.
        measured: The computed norm.
        further: How far from such an input another one may be, which float32 must not overflow for either.

    Returns:
        The bound, or why there is none.
    """
    limit, values = measured.limit, measured.values
    if values > _MOST_VALUES or not limit > 0.0:
        return f"no norm of {values} numbers is known to be below {limit:.3g}"
    rounded, lost, gain = 1.0 + (values + 8) * U32, math.sqrt(values) * _LOST, 1.0
    scaled = scaled_input(model, measured.node) if measured.node else None
    if scaled is not None:
        kept = 1.0 - scaled.relative
        rounded, lost, gain = (
            rounded / kept * SLACK,
            (lost + scaled.offset) / kept * SLACK,
            constants[scaled.node],
        )
    elif measured.node != "":
        return "the norm is neither that of the input nor that of the input scaled one by one"
    furthest = (limit * rounded + lost + further * gain) * SLACK
    here, there = (served_error(model, gains, norm, U32, scaled) for norm in (0.0, furthest))
    if not (math.isfinite(here) and math.isfinite(there)):
        return f"float32 may overflow for inputs of the norm {limit:.3g}"
    slope = (there - here) / furthest * SLACK
    offset = (here + slope * lost) * SLACK + _UNDERFLOW
    return ErrorLine(slope * rounded, slope * gain, offset)
