"""The intervals that a file of a regression computes itself, and the constants that they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph
from lipbuild.verifier.exports.radius_steps import NoMatchError
from lipbuild.verifier.exports.within import ErrorLine, Measured, Within, error_line
from lipbuild.verifier.floats import SLACK, Array, at_most
from lipbuild.verifier.model import Model
from lipbuild.verifier.statement import numbers, part
from lipbuild.verifier.tolerance import furthest_within

# The ends of the interval within an L2 distance, and of that within the tolerances of columns.
DISTANCE, TOLERANCE = ("low", "high"), ("low_in_tolerance", "high_in_tolerance")
CERTIFIED = "certified"

# What the size of a value is multiplied by at least, for the rounding of the interval's ends.
_OF_VALUE = 2.0**-23
# An end where nothing is certified is beyond this.
_NOTHING = 2.0**126


@dataclass(frozen=True, eq=False)
class Interval:
    """Half of the width of an interval: slope_j · n + offset_j for each output, n the computed norm of the input.

    Args:
        slopes: (outputs,), or one for all.
        offsets: The same.
    """

    slopes: Array
    offsets: Array


@dataclass(frozen=True, eq=False)
class IntervalHead:
    """The numbers that intervals are computed from.

    Args:
        intervals: By the names of their two ends.
        measured: The computed norm by which an input is within what is certified.
    """

    intervals: Mapping[tuple[str, str], Interval]
    measured: Measured

    @property
    def outputs(self) -> set[str]:
        """The outputs of the file that it accounts for."""
        return {CERTIFIED, *(name for ends in self.intervals for name in ends)}


def interval_head_of(graph: Graph, values: str) -> IntervalHead:
    """How a file computes its intervals, if that is as it has to be.

    With z the values and n the norm of the input as float32 computes it:

        certified = n < limit and Σ|z| < 2¹⁰⁰
        low, high = z ∓ (slope · n + offset + 2⁻²³ |z|) where it is certified, of the values and the norm there

    Args:
        graph: The file.
        values: The tensor of its values.

    Raises:
        RefusedError: If it computes anything else.
    """
    try:
        match = _Match(graph, values)
        measured = match.conditions(match.result(CERTIFIED))
        intervals = {
            ends: match.interval(ends) for ends in (DISTANCE, TOLERANCE) if set(ends) & set(graph.outputs)
        }
    except (NoMatchError, ValueError, IndexError, KeyError, TypeError) as error:
        raise RefusedError("interval", f"is computed in a way that is not known: {error}") from None
    return IntervalHead(intervals, measured)


class _Match(Within):
    def interval(self, ends: tuple[str, str]) -> Interval:
        """The two ends, which have the same distance from the values."""
        low, high = (self.selected(self.graph.outputs[name], sign) for name, sign in zip(ends, (-1.0, 1.0)))
        first, half = self.inputs(low, "subtract")
        self.hold(first == self.known, "the lower end")
        self.hold(set(self.inputs(high, "add")) == {self.known, half}, "the upper end")
        rounding, bound = self.either(half, "add", lambda one, _: self.is_size(one))
        _, factor = self.scaled(rounding)
        self.hold(factor >= _OF_VALUE, "the rounding of the ends")
        near, slopes, offsets = self.lines(bound)
        self.hold(near == self.near, "the norm of the error")
        self.hold(bool((slopes >= 0.0).all() and (offsets >= 0.0).all()), "the bound of the error")
        return Interval(slopes, offsets)

    def selected(self, tensor: str, sign: float) -> str:
        """An end where it is certified; elsewhere it is a number that is beyond all others."""
        condition, end, nothing = self.inputs(tensor, "where")
        self.hold(
            condition == self.within and sign * self.number(nothing) >= _NOTHING, "what is not certified"
        )
        return end

    def is_size(self, tensor: str) -> bool:
        """Whether it is the size of the values, times a number."""
        return self.is_kind(tensor, "multiply") and self.function(self.scaled(tensor)[0], "abs") == self.known


def faults_of_intervals(
    head: IntervalHead,
    model: Model,
    gains: Mapping[str, float],
    constants: Mapping[str, float],
    predicate: Mapping[str, Any],
    said: Mapping[str, Any],
) -> Iterator[str]:
    """What in the intervals of a file does not follow from the weights.

    Within the distance r of the input every output moves by at most Λ·r, and while columns stay in the box of the
    tolerances by what is stated of that. Beside it stands the error of float32 at the input; in `float32` semantics
    that at the other end too, which is no further away than r, or than the L2 norm of the tolerances.

    Args:
        head: The head.
        model: What computes the values.
        gains: A proved constant of each node on one input.
        constants: A proved constant of each node with respect to the input.
        predicate: What the statement says, which has been proved.
        said: What the file says of its radius.
    """
    semantics, size = said.get("semantics"), said.get("size")
    fits = type(size) is float and math.isfinite(size) and size > 0.0
    if semantics not in ("real", "float32") or not fits:
        yield f"is said to be of the semantics {semantics!r:.40}, and within {size!r:.40}"
        return
    assert isinstance(size, float)
    moves: dict[tuple[str, str], tuple[float, Array]] = {
        DISTANCE: (size, np.array([constants[model.output] * size]))
    }
    if TOLERANCE in head.intervals:
        stated = part(predicate, "tolerance", "tolerance")
        box = numbers(stated, "box", "tolerance", (model.shapes[model.output][0],))
        moves[TOLERANCE] = furthest_within(predicate), box
    further = max(distance for distance, _ in moves.values()) if semantics == "float32" else 0.0
    line = error_line(model, gains, constants, head.measured, further)
    if not isinstance(line, ErrorLine):
        yield line
        return
    for ends, interval in head.intervals.items():
        distance, moved = moves[ends]
        own = line if semantics == "real" else line.at_both_ends(distance)
        outputs = model.shapes[model.output][0]
        slopes, offsets, moved = (
            np.broadcast_to(one, (outputs,)) for one in (interval.slopes, interval.offsets, moved)
        )
        for slope, offset, most in zip(slopes.tolist(), offsets.tolist(), moved.tolist(), strict=True):
            needed = own.plus(most)
            if not at_most(0.0, most) or not needed.is_at_most(slope, offset):
                yield (
                    f"`{ends[0]}` and `{ends[1]}` are {slope:.6g} · ‖x‖ + {offset:.6g} from the value, and "
                    f"{needed.slope:.6g} · ‖x‖ + {needed.offset * SLACK:.6g} is proved"
                )
                return
