"""The label and the certified radius, as a program computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import div_down, mul_up, sqrt_up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.error import APART, ROOM, ProgramError
from lipbuild.exporting.c_code.norm import Norm, norm_of
from lipbuild.exporting.c_code.program import Program

Semantics = Literal["real", "float32"]

# No quotient by a distance is stated beyond this, so that nothing overflows: two classes with the same weights.
_MOST = 2.0**60
# A radius below this is 0, for what is rounded near the least number may grow by any factor.
_LEAST = 2.0**-100


@dataclass(frozen=True)
class Kept:
    """How a program says that a class stays while columns stay within their tolerances.

    Attributes:
        pairs: How far the difference of two logits moves at most there, (classes, classes), rounded up by more than the
            rounding of a comparison; of a single logit how far that does, (1, 1).
        reach: How far the norm of y may be off there, rounded up; 0 where only the input itself is computed.
    """

    pairs: NDArray[np.floating[Any]]
    reach: float


@dataclass(frozen=True)
class Radius:
    """min_j (z_i − z_j − error) / (‖w_i − w_j‖ Λ), every step rounded so that it comes out below its real value.

    The error of a difference of logits is at most slope · ‖y‖ + offset, with y and its norm as in `Norm`. The constants
    are enlarged by more than the roundings of the steps that they stand in can take away, as those of the norm are.

    Attributes:
        arithmetic: What is computed in.
        semantics: `real`, or `float32`: of what the program itself computes.
        inverse: 1 / (‖w_i − w_j‖ Λ), rounded down; (1, 1) for a single logit.
        norm: The norm of y, and up to which one something is certified.
        slope: See above.
        offset: See above.
        kept: How the class is said to stay within tolerances; None where it is not said.
    """

    arithmetic: Arithmetic
    semantics: Semantics
    inverse: NDArray[np.floating[Any]]
    norm: Norm
    slope: float
    offset: float
    kept: Kept | None = None

    @property
    def less(self) -> float:
        """1 − 8u: by a product with it a number gets smaller than three roundings can make it greater."""
        return 1.0 - 8.0 * self.arithmetic.unit

    def emulate(self, inputs: Values, logits: Values) -> dict[str, NDArray[Any]]:
        """What the program answers where a product and a sum are never fused, bit for bit.

        Args:
            inputs: (samples, *shape).
            logits: (samples, outputs), as it computes them.
        """
        n = self.arithmetic.dtype
        with np.errstate(all="ignore"):
            within, norm = self.norm.emulate(inputs, logits)
            z = np.where(within[:, None], logits, n(0))
            labels, margins, gaps, inverse = self._compared(z, self.inverse)
            error = near = norm * n(self.slope) + n(self.offset)
            if self.semantics == "float32":
                nominal = np.minimum((gaps * inverse).min(axis=1), n(_MOST))
                nominal = nominal if self.norm.gain is None else nominal * n(self.norm.gain)
                reach = norm + np.where(nominal < n(self.norm.limit), nominal, n(self.norm.limit))
                error = error + (reach * n(self.slope) + n(self.offset))
            bounds = (gaps * n(self.less) - error[:, None]) * inverse
            radius = np.minimum(bounds.min(axis=1), n(_MOST))
            if self.semantics == "float32":
                room = (n(self.norm.limit) - norm) * n(self.norm.room)
                radius = np.where(radius < room, radius, room)
            kept = within
            if self.kept is not None:
                if self.semantics == "float32":
                    far = norm + n(self.kept.reach)
                    near = near + (far * n(self.slope) + n(self.offset))
                    kept = kept & (far <= n(self.norm.limit))
                pairs = self._compared(z, self.kept.pairs)[3]
                kept = kept & ((gaps * n(self.less) - near[:, None]) > pairs).all(axis=1)
        certified = within & (radius >= n(_LEAST))
        return {
            "label": np.where(within, labels, -1).astype(np.int32),
            "margin": np.where(within, margins, n(0)),
            "radius": np.where(certified, radius, n(0)),
            "certified": certified.astype(np.int32),
            **({"within_tolerance": kept.astype(np.int32)} if self.kept is not None else {}),
        }

    def _compared(self, z: Values, table: Values) -> tuple[NDArray[Any], Values, Values, Values]:
        """Labels, margins, and for each rival the difference of the logits and its number in a table."""
        if z.shape[1] == 1:
            size = np.where(z < 0, -z, z)
            return (z[:, 0] > 0).astype(np.int32), size[:, 0], size, np.broadcast_to(table, z.shape)
        labels = z.argmax(axis=1)
        rows = np.arange(len(z))
        rival = np.arange(z.shape[1]) != labels[:, None]
        gaps = (z[rows, labels][:, None] - z)[rival].reshape(len(z), -1)
        return labels, gaps.min(axis=1), gaps, table[labels][rival].reshape(gaps.shape)

    def write(self, code: Code, name: str, inputs: int) -> None:
        """The function `predict`."""
        a = self.arithmetic
        kind, outputs = a.type, len(self.inverse)
        macro = name.upper()
        with code.block(f"int32_t {name}_predict(const {kind} *input, {name}_result *result)"):
            self.norm.declare(code)
            code.line("result->label = -1;")
            code.line(f"result->margin = {a.literal(0.0)};")
            code.line(f"result->radius = {a.literal(0.0)};")
            code.line("result->certified = 0;")
            if self.kept is not None:
                code.line("result->within_tolerance = 0;")
            code.line(f"{name}_logits(input, logits);")
            self.norm.write(code, macro, "logits")
            with code.block("if (within != 0)"):
                self.norm.write_norm(code)
                code.line("/* At least what rounding may make of a difference of logits. */")
                constant = "const " if self.semantics == "real" else ""
                code.line(f"{constant}{kind} error = {self._error('norm')};")
                if self.kept is not None:
                    self._write_reach_in_tolerance(code, self.kept)
                code.line(f"{kind} radius = {a.literal(_MOST)};")
                if outputs == 1:
                    self._write_single(code)
                else:
                    self._write_classes(code, macro)
                with code.block(f"if (radius >= {a.literal(_LEAST)})"):
                    code.line("result->radius = radius;")
                    code.line("result->certified = 1;")
                if self.kept is not None:
                    code.line("result->within_tolerance = kept;")
            code.line("return result->certified;")

    def _error(self, norm: str) -> str:
        a = self.arithmetic
        return f"({norm} * {a.literal(self.slope)}) + {a.literal(self.offset)}"

    def _write_single(self, code: Code) -> None:
        a = self.arithmetic
        inverse = a.literal(float(self.inverse[0, 0]))
        code.line(f"const {a.type} gap = (logits[0] < {a.literal(0.0)}) ? -logits[0] : logits[0];")
        code.line(f"result->label = (logits[0] > {a.literal(0.0)}) ? 1 : 0;")
        code.line("result->margin = gap;")
        if self.kept is not None:
            bound = a.literal(float(self.kept.pairs[0, 0]))
            with code.block(f"if (!(((gap * {a.literal(self.less)}) - spent) > {bound}))"):
                code.line("kept = 0;")
        if self.semantics == "float32":
            self._write_reach(code, lambda: code.line(f"nominal = gap * {inverse};"))
        code.line(f"radius = ((gap * {a.literal(self.less)}) - error) * {inverse};")
        with code.block(f"if (radius > {a.literal(_MOST)})"):
            code.line(f"radius = {a.literal(_MOST)};")
        self._write_room(code)

    def _write_classes(self, code: Code, macro: str) -> None:
        a, outputs = self.arithmetic, f"{macro}_OUTPUTS"
        code.line("int32_t label = 0;")
        code.line(f"{a.type} margin = {a.prefix}_MAX;")
        with (
            code.block(f"for (int32_t j = 1; j < {outputs}; ++j)"),
            code.block("if (logits[j] > logits[label])"),
        ):
            code.line("label = j;")

        def rivals(*lines: str) -> None:
            with code.block(f"for (int32_t j = 0; j < {outputs}; ++j)"), code.block("if (j != label)"):
                code.line(f"const {a.type} gap = logits[label] - logits[j];")
                for line in lines:
                    code.line(line)

        inverse = self._inverse
        if self.semantics == "float32":
            self._write_reach(
                code,
                lambda: rivals(
                    f"const {a.type} bound = gap * {inverse};",
                    "nominal = (bound < nominal) ? bound : nominal;",
                ),
            )
        rivals(
            f"const {a.type} bound = ((gap * {a.literal(self.less)}) - error) * {inverse};",
            "margin = (gap < margin) ? gap : margin;",
            "radius = (bound < radius) ? bound : radius;",
        )
        if self.kept is not None:
            place = f"pairs[({len(self.inverse)} * label) + j]"
            rivals(f"kept = (((gap * {a.literal(self.less)}) - spent) > {place}) ? kept : 0;")
        code.line("result->label = label;")
        code.line("result->margin = margin;")
        self._write_room(code)

    @property
    def _inverse(self) -> str:
        if self.table is None:
            return self.arithmetic.literal(float(self.inverse[0, -1]))
        return f"inverse[({len(self.inverse)} * label) + j]"

    @property
    def table(self) -> NDArray[np.floating[Any]] | None:
        """The array `inverse` that the program needs; None where one constant does."""
        off = self.inverse[~np.eye(len(self.inverse), dtype=bool)]
        return None if len(off) == 0 or np.all(off == off[0]) else self.inverse

    def _write_reach(self, code: Code, nominal: Any) -> None:
        """The error at the other end of a radius without any, which is the greater one, is subtracted too."""
        a = self.arithmetic
        code.line(f"{a.type} nominal = {a.literal(_MOST)};")
        nominal()
        if self.norm.gain is not None:
            code.line(f"nominal *= {a.literal(self.norm.gain)};")
        limit = a.literal(self.norm.limit)
        code.line(f"nominal = (nominal < {limit}) ? nominal : {limit};")
        code.line(f"error += {self._error('(norm + nominal)')};")

    def _write_reach_in_tolerance(self, code: Code, kept: Kept) -> None:
        """What rounding may make within the tolerances, and whether nothing overflows there."""
        a = self.arithmetic
        if self.semantics == "real":
            code.line(f"const {a.type} spent = error;")
            code.line("int32_t kept = 1;")
            return
        code.line(f"const {a.type} far = norm + {a.literal(kept.reach)};")
        code.line(f"const {a.type} spent = error + ({self._error('far')});")
        code.line(f"int32_t kept = (far <= {a.literal(self.norm.limit)}) ? 1 : 0;")

    def _write_room(self, code: Code) -> None:
        if self.semantics == "float32":
            a = self.arithmetic
            code.line(
                f"const {a.type} room = ({a.literal(self.norm.limit)} - norm) * {a.literal(self.norm.room)};"
            )
            code.line("radius = (radius < room) ? radius : room;")


def radius_of(
    certified: CertifiedNetwork,
    arithmetic: Arithmetic,
    error: ProgramError,
    program: Program,
    semantics: Semantics,
    inverse: NDArray[np.floating[Any]] | None = None,
) -> Radius:
    """The constants of a program's radius.

    Args:
        certified: The network as it is written, with its proved constants.
        arithmetic: What the program computes in.
        error: How far its logits may be from exact.
        program: The program.
        semantics: What the radius is about.
        inverse: 1 / (‖w_i − w_j‖ Λ) as it is stated somewhere; None where it is to be computed.

    Raises:
        RefusedError: There are too many inputs for a bound of their norm, the output is not a vector of logits, or what
            is stated is not proved.
    """
    norm = norm_of(certified, arithmetic, error, program, "logits")
    needed = _inverse(certified, arithmetic)
    if inverse is None:
        inverse = needed
    elif not _is_proved(inverse, certified, arithmetic) or not (inverse >= needed * (1.0 - APART)).all():
        raise RefusedError("differences of logits are not divided by the distances that the weights ask for")
    # A difference of two logits is off by √2 of the norm of their error. Four roundings, where two errors are added.
    share, kept = Fraction(sqrt_up(2.0 if len(inverse) > 1 else 1.0)), 1 - Fraction(arithmetic.unit)
    slope = arithmetic.up(share * Fraction(error.slope) / kept**4)
    # What the steps of a difference may gain where they underflow is below 16 of the least number.
    offset = arithmetic.up(share * Fraction(error.offset) / kept**3 + 32 * Fraction(arithmetic.smallest))
    return Radius(arithmetic, semantics, inverse, norm, slope, offset)


def kept_of(radius: Radius, pairs: NDArray[np.float64], distance: float) -> Kept:
    """How a program with a radius says that a class stays within tolerances.

    Args:
        radius: How it computes its radius.
        pairs: How far the difference of two logits moves at most there, (classes, classes); of a single logit how far
            that does, (1, 1).
        distance: How far the input moves at most there (L2).
    """
    a = radius.arithmetic
    # A comparison is one of numbers that were rounded once more; what is near the least number does not count, and
    # no difference of logits comes up to four times what a sum may be.
    share, most = 1 + 4 * Fraction(a.unit), Fraction(4.0 * a.largest)
    table = [
        [a.up(min(max(Fraction(float(one)) * share, Fraction(_LEAST)), most)) for one in row] for row in pairs
    ]
    result = np.array(table, a.dtype)
    if len(result) > 1:
        np.fill_diagonal(result, 0.0)
    return Kept(result, radius.norm.moved(distance) if radius.semantics == "float32" else 0.0)


def _inverse(certified: CertifiedNetwork, arithmetic: Arithmetic) -> NDArray[np.floating[Any]]:
    """1 / (distance · Λ), rounded down by more than the roundings of a product, with room; 0 for no pair."""
    head = certified.head
    result = np.zeros(head.distances.shape, arithmetic.dtype)
    for place, distance in np.ndenumerate(head.distances):
        if len(result) > 1 and place[0] == place[1]:
            continue
        # With the room that another processor needs to prove it again.
        product = mul_up(mul_up(float(distance), head.rest), 1.0 + ROOM)
        quotient = div_down(1.0 - 16.0 * arithmetic.unit, product) if product > 0.0 else math.inf
        result[place] = arithmetic.down(Fraction(min(quotient, _MOST)))
    return result


def _is_proved(
    inverse: NDArray[np.floating[Any]], certified: CertifiedNetwork, arithmetic: Arithmetic
) -> bool:
    """Whether no number is above what `_inverse` makes, the room aside."""
    head = certified.head
    if inverse.shape != head.distances.shape or not ((inverse >= 0.0) & (inverse <= _MOST)).all():
        return False
    most = 1 - 16 * Fraction(arithmetic.unit)
    return all(
        Fraction(float(inverse[place])) * Fraction(mul_up(float(distance), head.rest)) <= most
        for place, distance in np.ndenumerate(head.distances)
    )
