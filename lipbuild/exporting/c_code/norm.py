"""The norm of an input as a program computes it, and the greatest norm for which anything is certified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import sqrt_down, sqrt_up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.error import ProgramError
from lipbuild.exporting.c_code.program import OUTPUT, Program, write_calls
from lipbuild.exporting.c_code.steps import STEPS

# Nothing further than this is told apart.
_MOST = 2.0**60


@dataclass(frozen=True)
class Norm:
    """‖y‖ ≤ factor · √s + shift, with y the inputs, or what scales of single ones make of them, and s = Σy².

    s is as the program computes it. The constants are enlarged by more than the roundings of the steps that they stand
    in can take away, whether products are fused with sums or not, and whether what is below the least normal number is
    taken for 0 or not; the root may be off by 4 units in its last place.

    Attributes:
        arithmetic: What is computed in.
        factor: See above.
        shift: See above.
        squares: s up to which an input is within what is certified.
        limit: A norm of y that is within that, however it is rounded.
        gain: How far y moves at most for each unit that the input does, rounded up; None where y is the input.
        room: What a distance from the limit is multiplied by, to be no more than it is in the units of the input.
        scaling: The calls that make y; none where it is the input.
    """

    arithmetic: Arithmetic
    factor: float
    shift: float
    squares: float
    limit: float
    gain: float | None
    room: float
    scaling: Sequence[Call]

    def moved(self, distance: float) -> float:
        """How far the norm of y is off at most where the input moves by a distance; `_MOST` where that is less."""
        far = Fraction(distance) * Fraction(1.0 if self.gain is None else self.gain)
        # What is added to it is rounded.
        return self.arithmetic.up(min(far * (1 + 8 * Fraction(self.arithmetic.unit)), Fraction(_MOST)))

    def within(self, distance: float) -> Norm:
        """The same for inputs from which y may move by a distance and still be within."""
        if distance == 0.0:
            return self
        u = Fraction(self.arithmetic.unit)
        left = (
            max(Fraction(self.limit) - Fraction(distance), Fraction(0)) / Fraction(self.factor) * (1 - 8 * u)
        )
        left -= Fraction(self.shift)
        squares = self.arithmetic.down(left**2 * (1 - 8 * u)) if left > 0 else -1.0
        return replace(self, squares=min(squares, self.squares))

    def emulate(self, inputs: Values, outputs: Values) -> tuple[NDArray[np.bool_], Values]:
        """Which inputs are within what is certified, and a bound of the norm of each; of 0 where it is not.

        Args:
            inputs: (samples, *shape).
            outputs: (samples, outputs), as the program computes them.
        """
        n, scaled = self.arithmetic.dtype, np.asarray(inputs, self.arithmetic.dtype)
        for call in self.scaling:
            scaled = STEPS[call.node.kind].emulate(call, [scaled])
        flat = scaled.reshape(len(inputs), -1)
        squares = np.zeros(len(flat), n)
        for column in flat.T.astype(n):
            squares = squares + column * column
        within = (squares <= n(self.squares)) & np.isfinite(outputs).all(axis=1)
        return within, np.sqrt(np.where(within, squares, n(0))) * n(self.factor) + n(self.shift)

    def declare(self, code: Code) -> None:
        """The variables `squares` and `within`."""
        code.line(f"{self.arithmetic.type} squares = {self.arithmetic.literal(0.0)};")
        code.line("int32_t within = 1;")

    def write(self, code: Code, macro: str, word: str) -> None:
        """Whether an input is within what is certified, once its outputs are known.

        Args:
            code: Where it is written.
            macro: What the macros of the program begin with.
            word: What its outputs are called.
        """
        a = self.arithmetic
        write_calls(code, self.scaling)
        place = self.scaling[-1].target if self.scaling else "input"
        with code.block(f"for (int32_t i = 0; i < {macro}_INPUTS; ++i)"):
            code.line(f"squares += {place}[i] * {place}[i];")
        code.line("/* Comparisons are false of what is no number. */")
        with code.block(f"if (!(squares <= {a.literal(self.squares)}))"):
            code.line("within = 0;")
        with (
            code.block(f"for (int32_t j = 0; j < {macro}_OUTPUTS; ++j)"),
            code.block(f"if (!(({word}[j] >= -{a.prefix}_MAX) && ({word}[j] <= {a.prefix}_MAX)))"),
        ):
            code.line("within = 0;")

    def write_norm(self, code: Code) -> None:
        """The variable `norm`."""
        a, scaled = self.arithmetic, " as it is scaled" if self.scaling else ""
        code.line(f"/* At least the norm of the input{scaled}. */")
        code.line(
            f"const {a.type} norm = ({a.root}(squares) * {a.literal(self.factor)}) + {a.literal(self.shift)};"
        )


def norm_of(
    certified: CertifiedNetwork, arithmetic: Arithmetic, error: ProgramError, program: Program, word: str
) -> Norm:
    """The constants of a program's norm.

    Args:
        certified: The network as it is written, with its proved constants.
        arithmetic: What the program computes in.
        error: How far its outputs may be from exact, and up to which norm.
        program: The program.
        word: What its outputs are called.

    Raises:
        RefusedError: There are too many inputs for a bound of their norm.
    """
    u, least = Fraction(arithmetic.unit), Fraction(arithmetic.smallest)
    one, up, down, inputs = Fraction(1), arithmetic.up, arithmetic.down, program.inputs
    if (inputs + 1) * u >= Fraction(1, 4):
        raise RefusedError(f"the norm of {inputs} inputs cannot be bounded in {arithmetic.name}")
    # (1 − u)^(n + 1) ≥ 1 − (n + 1)u: squares, their sums, and what each of them may lose below the least number.
    kept = one - (inputs + 1) * u
    lost = 2 * inputs * least
    # What is scaled is off by a share of itself and by a number.
    share_off, off, scaling, gain = Fraction(0), Fraction(0), [], None
    if error.scaled is not None:
        share_off, off = Fraction(error.scaled.relative), Fraction(error.scaled.offset)
        # What lies in the output there lies in the array of the outputs here.
        names = {OUTPUT: word}
        scaling = [
            replace(
                call, reads=[names.get(r, r) for r in call.reads], target=names.get(call.target, call.target)
            )
            for call in program.calls_before(error.scaled.node)
        ]
        gain = max(Fraction(certified.constants[error.scaled.node]), least)
    growth = Fraction(sqrt_up(float(up(one / kept)))) / (one - share_off)
    root = Fraction(sqrt_up(float(inputs))) * Fraction(sqrt_up(2.0 * arithmetic.smallest))
    squares = down((Fraction(error.limit) * (one - share_off) - off) ** 2 * kept - lost)
    # Whatever is computed of such a norm is within, too: what `float32` says of the other end of a radius.
    computed = Fraction(sqrt_down(down((Fraction(squares) - lost) * kept)))
    return Norm(
        arithmetic,
        factor=up(growth / ((one - 8 * u) * (one - u) ** 2)),
        # A product with the gain may underflow too.
        shift=up((root * growth + off / (one - share_off)) / (one - u) + 3 * least),
        squares=squares,
        limit=down((computed - off) / (one + share_off) * (one - 8 * u)),
        gain=None if gain is None else up(min(gain / (one - u) ** 2, Fraction(_MOST))),
        room=down(min((one - 8 * u) / (gain or one), Fraction(_MOST))),
        scaling=scaling,
    )
