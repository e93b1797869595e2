"""The radius that a file computes itself: how it has to be computed, and the constants in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph
from lipbuild.verifier.exports.radius_steps import NoMatchError
from lipbuild.verifier.exports.within import ROUNDED, Measured, Within
from lipbuild.verifier.floats import Array

OUTPUTS = ("label", "margin", "radius", "certified")
KEPT = "within_tolerance"

# The least number that a radius may be: what is rounded near the least float32 may grow by any factor.
_LEAST = 2.0**-110


@dataclass(frozen=True, eq=False)
class Kept:
    """The numbers by which a class is said to stay within the tolerances of columns.

    Args:
        boxes: What a difference of two logits is said to move by at most, (classes, classes); of a single logit it is a
            part of the offset.
        slope: Of the bound of the error of float32, for each unit of the computed norm.
        offset: Of the same.
    """

    boxes: Array
    slope: float
    offset: float


@dataclass(frozen=True, eq=False)
class RadiusHead:
    """The numbers that a radius is computed from.

    Args:
        semantics: `real` or `float32`.
        inverse: What a difference of logits is multiplied by, (classes, classes), or (1, 1).
        errors: Slope and offset of each bound of the error of float32 that is subtracted.
        measured: The computed norm by which an input is within what is certified.
        kept: By what a class is said to stay within tolerances; None where the file does not say it.
    """

    semantics: str
    inverse: Array
    errors: Sequence[tuple[float, float]]
    measured: Measured
    kept: Kept | None = None

    @property
    def outputs(self) -> set[str]:
        """The outputs of the file that it accounts for."""
        return {*OUTPUTS, *([KEPT] if self.kept is not None else [])}


def radius_head_of(graph: Graph, logits: str) -> RadiusHead:
    """How a file computes its label, margin and radius, if that is as it has to be.

    With z the logits, i the largest, n the norm of the input as float32 computes it and err(n) = slope · n + offset:

        within    = n < limit and Σ|z| < 2¹⁰⁰
        radius    = min_{j≠i} (less · (z_i − z_j) − 2 err(n)) · inverse_ij where it is within and above 2⁻¹⁰⁰, else 0
        certified = whether the radius is above 0
        label     = i where it is within, else −1

    of the logits and the norm where it is within, and of 0 where it is not, so that all numbers are finite. For a
    single logit err(n) is subtracted once from |z|. In `float32` semantics err(n + r) is subtracted too, r being at
    least the radius, and the radius is no more than less · (limit − n). Where a file says whether a class stays within
    tolerances, box_ij is a bound of how far the difference of two logits moves there:

        within_tolerance = within and min_{j≠i} less · (z_i − z_j) − 2 err(n) − box_ij is above 2⁻¹⁰⁰

    Args:
        graph: The file.
        logits: The tensor of its logits.

    Raises:
        RefusedError: If it computes anything else.
    """
    if not set(OUTPUTS) <= set(graph.outputs):
        raise RefusedError("radius", f"is not beside all of {', '.join(OUTPUTS)}")
    try:
        return _Match(graph, logits).head()
    except (NoMatchError, ValueError, IndexError, KeyError, TypeError) as error:
        raise RefusedError("radius", f"is computed in a way that is not known: {error}") from None


class _Match(Within):
    def __init__(self, graph: Graph, logits: str) -> None:
        super().__init__(graph, logits)
        self.errors: list[tuple[float, float]] = []

    def head(self) -> RadiusHead:
        """All of it."""
        certified, radius, zero = self.inputs(self.result("radius"), "where")
        self.hold(self.number(zero) == 0.0, "a radius that is not certified is not 0")
        self.hold(self.result("certified") == certified, "`certified` is another condition")
        within, above = self.either(certified, "and", lambda _, b: self.is_kind(b, "greater"))
        least_of = self.inputs(above, "greater")
        self.hold(least_of[0] == radius and self.number(least_of[1]) >= _LEAST, "the least radius")
        measured = self.conditions(within)
        semantics = "real"
        if self.is_kind(radius, "minimum"):
            # What is added to the norm at the other end is a distance of inputs as they are.
            self.hold(not measured.node, "the norm of the input")
            semantics = "float32"
            radius, room = self.either(radius, "minimum", lambda _, b: self.is_kind(b, "multiply"))
            left, less = self.scaled(room)
            first, second = self.inputs(left, "subtract")
            self.hold(self.number(first) <= self.limit and second == self.near, "the room that is left")
            self.less(less)
        single = not self.is_kind(radius, "reduce")
        inverse = self.single(radius, semantics) if single else self.several(radius, semantics)
        kept = self.kept(single=single) if KEPT in self.graph.outputs else None
        return RadiusHead(semantics, inverse, tuple(self.errors), measured, kept)

    def kept(self, *, single: bool) -> Kept:
        """Whether the class stays within the tolerances: a margin is above the error and what the boxes allow."""
        one, other = self.inputs(self.result(KEPT), "and")
        self.hold(self.within in (one, other), "what is within the tolerances")
        left, least = self.inputs(other if one == self.within else one, "greater")
        self.hold(self.number(least) >= _LEAST, "what is within the tolerances")
        if single:
            scaled, bound = self.inputs(left, "subtract")
            size, less = self.scaled(scaled)
            self.less(less)
            self.hold(self.function(size, "abs") == self.known, "the size of the logit")
            near, slope, offset = self.line(bound)
            self.hold(near == self.near, "the norm of the error")
            return Kept(np.zeros((1, 1)), slope, offset)
        row, chosen = self.least(left)
        self.label_of(chosen)
        lessened, boxes = self.inputs(row, "subtract")
        scaled, errors = self.inputs(lessened, "subtract")
        margins, less = self.scaled(scaled)
        self.less(less)
        self.differences(margins)
        bound, twice = self.scaled(errors)
        self.hold(twice >= 2.0, "the error is subtracted once")
        near, slope, offset = self.line(bound)
        self.hold(near == self.near, "the norm of the error")
        return Kept(self.table(boxes, chosen), slope, offset)

    def differences(self, tensor: str) -> None:
        """What the logits are below the largest."""
        largest, known = self.inputs(tensor, "subtract")
        self.hold(known == self.known and self.reduced(largest, "maximum") == self.known, "the differences")

    def several(self, radius: str, semantics: str) -> Array:
        """The least quotient over the rivals of the largest logit."""
        self.hold(not self.alone, "the size of the logits")
        quotients, chosen = self.least(radius)
        label = self.label_of(chosen)
        lessened, inverse = self.either(quotients, "multiply", lambda _, b: self.is_kind(b, "matmul"))
        table = self.table(inverse, chosen)
        scaled, errors = self.inputs(lessened, "subtract")
        margins, less = self.scaled(scaled)
        self.less(less)
        self.differences(margins)
        total, twice = self.scaled(errors)
        self.hold(twice >= 2.0, "the error is subtracted once")
        nominal = None
        if semantics == "float32":
            nominal = self.total(total)
            raw, more = self.scaled(self.capped(nominal))
            self.hold(more >= 1.0 + ROUNDED, "the radius without errors is not rounded up")
            quotient, own = self.least(raw)
            pair = {margins, inverse}
            self.hold(
                own == chosen and set(self.inputs(quotient, "multiply")) == pair, "the radius without errors"
            )
        else:
            self.error(total, self.near)
        self.labelled(label)
        margin, own = self.least(self.result("margin"))
        self.hold(margin == margins and own == chosen, "the margin")
        return table

    def single(self, radius: str, semantics: str) -> Array:
        """|z| less the error, times one number."""
        lessened, inverse = self.scaled(radius)
        scaled, total = self.inputs(lessened, "subtract")
        size, less = self.scaled(scaled)
        self.less(less)
        self.hold(self.function(size, "abs") == self.known, "the size of the logit")
        if semantics == "float32":
            raw, factor = self.capped(self.total(total)), 1.0
            while raw != size:
                raw, number = self.scaled(raw)
                factor *= number
            self.hold(factor >= inverse * (1.0 + ROUNDED), "the radius without errors is not rounded up")
        else:
            self.error(total, self.near)
        [positive] = self.inputs(self.labelled(None), "cast")
        first, zero = self.inputs(positive, "greater")
        self.hold(first == self.known and self.number(zero) == 0.0, "the label")
        self.hold(self.result("margin") == size, "the margin")
        return np.full((1, 1), inverse)

    def labelled(self, label: str | None) -> str:
        """The label where an input is within, which is −1 elsewhere."""
        condition, found, none = self.inputs(self.result("label"), "where")
        self.hold(
            condition == self.within and self.number(none) == -1.0, "the label of what is not certified"
        )
        self.hold(label is None or self.uncast(found) == label, "the label")
        return found

    def label_of(self, chosen: str) -> str:
        """The number of the largest logit, from a row of 0 and a 1 at its place."""
        # Of a column it would make rows of rows.
        label = self.unnamed(self.make(chosen, "one_hot").inputs[0], "cast")
        largest = self.uncast(self.inputs(label, "argmax")[0])
        same = self.inputs(largest, "equal")
        top = next(name for name in same if name != self.known)
        self.hold(self.known in same and self.reduced(top, "maximum") == self.known, "the largest logit")
        last = self.graph.makers[label].options["axis"]
        self.hold(last in (1, -1), "the axis of the logits")
        return label

    def least(self, tensor: str) -> tuple[str, str]:
        """The row whose least number at another place than the label's this is, and where that place is marked."""
        condition, beside, row = self.inputs(self.reduced(tensor, "minimum"), "where")
        chosen, half = self.inputs(condition, "greater")
        self.hold(0.0 < self.number(half) < 1.0, "the place of the label")
        maker = self.make(beside, "concatenate")
        parts = [self.make(name, "slice") for name in maker.inputs]
        slices = [tuple(map(tuple, part.options["slices"][1:])) for part in parts]
        rotated = [((1, None, None),), ((None, 1, None),)]
        self.hold(
            maker.options["axis"] in (1, -1)
            and len(parts) == 2
            and all(self.base(part.inputs[0]) == row for part in parts)
            and [tuple(_plain_slice(s) for s in one) for one in slices] == rotated,
            "the rival beside the label",
        )
        return row, chosen

    def total(self, tensor: str) -> str:
        """Of two errors, at the norm and at the other end: what is added to the norm there."""
        here, there = self.inputs(tensor, "add")
        if self.line(here)[0] != self.near:
            here, there = there, here
        self.error(here, self.near)
        end, slope, offset = self.line(there)
        self.errors.append((slope, offset))
        return self.either(end, "add", lambda a, _: a == self.near)[1]

    def capped(self, tensor: str) -> str:
        """What is at most the limit."""
        first, second = self.inputs(tensor, "minimum")
        value, most = (first, second) if second in self.graph.constants else (second, first)
        self.hold(self.number(most) >= self.limit, "the radius without errors")
        return value

    def error(self, tensor: str, norm: str) -> None:
        """A bound of the error at a norm."""
        at, slope, offset = self.line(tensor)
        self.hold(at == norm, "the norm of the error")
        self.errors.append((slope, offset))

    def table(self, tensor: str, chosen: str) -> Array:
        """What one-hot rows choose from, as rows of a constant."""
        maker = self.make(tensor, "matmul")
        self.hold(len(maker.inputs) == 2 and self.base(maker.inputs[0]) == chosen, "the distances")
        table = np.asarray(self.graph.constants[maker.inputs[1]], np.float64)
        return table.T if maker.options.get("transposed") else table

    def less(self, factor: float) -> None:
        self.hold(0.0 < factor <= 1.0 - ROUNDED, "margins are not rounded down")


def _plain_slice(item: Sequence[int | None]) -> tuple[int | None, int | None, int | None]:
    """With nothing where a slice goes to the end, or begins at the begin."""
    start, stop, step = item
    far = stop is not None and stop >= 2**31 - 1
    return start or None, None if far else stop, None if step == 1 else step
