"""The label and the certified radius, as a program computes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import div_down, mul_up, sqrt_up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.error import APART, ROOM, ProgramError
from lipbuild.exporting.c_code.program import OUTPUT, Program, write_calls
from lipbuild.exporting.c_code.steps import STEPS

Semantics = Literal["real", "float32"]

# No quotient by a distance is stated beyond this, so that nothing overflows: two classes with the same weights.
_MOST = 2.0**60
# A radius below this is 0, for what is rounded near the least number may grow by any factor.
_LEAST = 2.0**-100


@dataclass(frozen=True)
class Radius:
    """min_j (z_i − z_j − error) / (‖w_i − w_j‖ Λ), every step rounded so that it comes out below its real value.

    With u the unit roundoff, y the inputs, or what scales of single ones make of them, and s = Σy² as it is computed:
    ‖y‖ ≤ factor · √s + shift, and the error of a difference of logits is at most slope · ‖y‖ + offset. The constants
    are enlarged by more than the roundings of the steps that they stand in can take away, whether products are fused
    with sums or not, and whether what is below the least normal number is taken for 0 or not; the root may be off by 4
    units in its last place.

    Attributes:
        arithmetic: What is computed in.
        semantics: `real`, or `float32`: of what the program itself computes.
        inverse: 1 / (‖w_i − w_j‖ Λ), rounded down; (1, 1) for a single logit.
        factor: See above.
        shift: See above.
        slope: See above.
        offset: See above.
        squares: s up to which an input is within what is certified.
        limit: A norm of y within that.
        gain: How far y moves at most for each unit that the input does, rounded up; None where y is the input.
        room: What a distance from the limit is multiplied by, to be below one in the units of the input.
        scaling: The calls that make y; none where it is the input.
    """

    arithmetic: Arithmetic
    semantics: Semantics
    inverse: NDArray[np.floating[Any]]
    factor: float
    shift: float
    slope: float
    offset: float
    squares: float
    limit: float
    gain: float | None
    room: float
    scaling: Sequence[Call]

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
        n, scaled = self.arithmetic.dtype, np.asarray(inputs, self.arithmetic.dtype)
        with np.errstate(all="ignore"):
            for call in self.scaling:
                scaled = STEPS[call.node.kind].emulate(call, [scaled])
            flat = scaled.reshape(len(inputs), -1)
            squares = np.zeros(len(flat), n)
            for column in flat.T.astype(n):
                squares = squares + column * column
            within = (squares <= n(self.squares)) & np.isfinite(logits).all(axis=1)
            norm = np.sqrt(np.where(within, squares, n(0))) * n(self.factor) + n(self.shift)
            z = np.where(within[:, None], logits, n(0))
            labels, margins, gaps, inverse = self._compared(z)
            error = norm * n(self.slope) + n(self.offset)
            if self.semantics == "float32":
                nominal = np.minimum((gaps * inverse).min(axis=1), n(_MOST))
                nominal = nominal if self.gain is None else nominal * n(self.gain)
                reach = norm + np.where(nominal < n(self.limit), nominal, n(self.limit))
                error = error + (reach * n(self.slope) + n(self.offset))
            bounds = (gaps * n(self.less) - error[:, None]) * inverse
            radius = np.minimum(bounds.min(axis=1), n(_MOST))
            if self.semantics == "float32":
                room = (n(self.limit) - norm) * n(self.room)
                radius = np.where(radius < room, radius, room)
        certified = within & (radius >= n(_LEAST))
        return {
            "label": np.where(within, labels, -1).astype(np.int32),
            "margin": np.where(within, margins, n(0)),
            "radius": np.where(certified, radius, n(0)),
            "certified": certified.astype(np.int32),
        }

    def _compared(self, z: Values) -> tuple[NDArray[Any], Values, Values, Values]:
        """Labels, margins, and for each rival the difference of the logits and its inverse distance."""
        if z.shape[1] == 1:
            size = np.where(z < 0, -z, z)
            return (z[:, 0] > 0).astype(np.int32), size[:, 0], size, np.broadcast_to(self.inverse, z.shape)
        labels = z.argmax(axis=1)
        rows = np.arange(len(z))
        rival = np.arange(z.shape[1]) != labels[:, None]
        gaps = (z[rows, labels][:, None] - z)[rival].reshape(len(z), -1)
        inverse = self.inverse[labels][rival].reshape(gaps.shape)
        return labels, gaps.min(axis=1), gaps, inverse

    def write(self, code: Code, name: str, inputs: int) -> None:
        """The function `predict`."""
        a = self.arithmetic
        kind, outputs = a.type, len(self.inverse)
        macro = name.upper()
        with code.block(f"int32_t {name}_predict(const {kind} *input, {name}_result *result)"):
            code.line(f"{kind} squares = {a.literal(0.0)};")
            code.line("int32_t within = 1;")
            code.line("result->label = -1;")
            code.line(f"result->margin = {a.literal(0.0)};")
            code.line(f"result->radius = {a.literal(0.0)};")
            code.line("result->certified = 0;")
            code.line(f"{name}_logits(input, logits);")
            write_calls(code, self.scaling)
            place = self.scaling[-1].target if self.scaling else "input"
            with code.block(f"for (int32_t i = 0; i < {macro}_INPUTS; ++i)"):
                code.line(f"squares += {place}[i] * {place}[i];")
            code.line("/* Comparisons are false of what is no number. */")
            with code.block(f"if (!(squares <= {a.literal(self.squares)}))"):
                code.line("within = 0;")
            with (
                code.block(f"for (int32_t j = 0; j < {macro}_OUTPUTS; ++j)"),
                code.block(f"if (!((logits[j] >= -{a.prefix}_MAX) && (logits[j] <= {a.prefix}_MAX)))"),
            ):
                code.line("within = 0;")
            with code.block("if (within != 0)"):
                scaled = " as it is scaled" if self.scaling else ""
                code.line(f"/* At least the norm of the input{scaled}. */")
                code.line(
                    f"const {kind} norm = ({a.root}(squares) * {a.literal(self.factor)}) + {a.literal(self.shift)};"
                )
                code.line("/* At least what rounding may make of a difference of logits. */")
                constant = "const " if self.semantics == "real" else ""
                code.line(f"{constant}{kind} error = {self._error('norm')};")
                code.line(f"{kind} radius = {a.literal(_MOST)};")
                if outputs == 1:
                    self._write_single(code)
                else:
                    self._write_classes(code, macro)
                with code.block(f"if (radius >= {a.literal(_LEAST)})"):
                    code.line("result->radius = radius;")
                    code.line("result->certified = 1;")
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
        if self.gain is not None:
            code.line(f"nominal *= {a.literal(self.gain)};")
        code.line(f"nominal = (nominal < {a.literal(self.limit)}) ? nominal : {a.literal(self.limit)};")
        code.line(f"error += {self._error('(norm + nominal)')};")

    def _write_room(self, code: Code) -> None:
        if self.semantics == "float32":
            a = self.arithmetic
            code.line(f"const {a.type} room = ({a.literal(self.limit)} - norm) * {a.literal(self.room)};")
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
    u, least = Fraction(arithmetic.unit), Fraction(arithmetic.smallest)
    one, up, down, inputs = Fraction(1), arithmetic.up, arithmetic.down, program.inputs
    if (inputs + 1) * u >= Fraction(1, 4):
        raise RefusedError(f"the norm of {inputs} inputs cannot be bounded in {arithmetic.name}")
    needed = _inverse(certified, arithmetic)
    if inverse is None:
        inverse = needed
    elif not _is_proved(inverse, certified, arithmetic) or not (inverse >= needed * (1.0 - APART)).all():
        raise RefusedError("differences of logits are not divided by the distances that the weights ask for")
    # (1 − u)^(n + 1) ≥ 1 − (n + 1)u: squares, their sums, and what each of them may lose below the least number.
    kept = one - (inputs + 1) * u
    lost = 2 * inputs * least
    # What is scaled is off by a share of itself and by a number.
    share_off, off, scaling, gain = Fraction(0), Fraction(0), [], None
    if error.scaled is not None:
        share_off, off = Fraction(error.scaled.relative), Fraction(error.scaled.offset)
        # What lies in the output there lies in the logits here.
        names = {OUTPUT: "logits"}
        scaling = [
            replace(
                call, reads=[names.get(r, r) for r in call.reads], target=names.get(call.target, call.target)
            )
            for call in program.calls_before(error.scaled.node)
        ]
        gain = max(Fraction(certified.constants[error.scaled.node]), least)
    growth = Fraction(sqrt_up(float(up(one / kept)))) / (one - share_off)
    factor = up(growth / ((one - 8 * u) * (one - u) ** 2))
    root = Fraction(sqrt_up(float(inputs))) * Fraction(sqrt_up(2.0 * arithmetic.smallest))
    # A product with the gain may underflow too.
    shift = up((root * growth + off / (one - share_off)) / (one - u) + 3 * least)
    # A difference of two logits is off by √2 of the norm of their error. Four roundings, where two errors are added.
    share = Fraction(sqrt_up(2.0)) if len(inverse) > 1 else one
    slope = up(share * Fraction(error.slope) / (one - u) ** 4)
    # What the steps of a difference may gain where they underflow is below 16 of the least number.
    offset = up(share * Fraction(error.offset) / (one - u) ** 3 + 32 * least)
    squares = down((Fraction(error.limit) * (one - share_off) - off) ** 2 * kept - lost)
    limit = down(Fraction(error.limit) * (one - 8 * u))
    return Radius(
        *(arithmetic, semantics, inverse, factor, shift, slope, offset, squares, limit),
        gain=None if gain is None else up(min(gain / (one - u) ** 2, Fraction(_MOST))),
        room=down(min((one - 8 * u) / (gain or one), Fraction(_MOST))),
        scaling=scaling,
    )


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
