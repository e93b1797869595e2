"""The intervals in which the values of a regression stay, as a program computes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.error import ProgramError
from lipbuild.exporting.c_code.norm import Norm
from lipbuild.exporting.c_code.radius import Semantics

# Values that move further have no interval: in float32 its ends would overflow.
_MOST = 2.0**100


@dataclass(frozen=True)
class Intervals:
    """low, high = z ∓ (norm · slope + offset + |z| · 8u), every step rounded so that they hold more than they have to.

    offset is how far a value moves and what does not depend on the norm of the error of both ends. The constants are
    enlarged by more than the roundings of the steps take away, whether products are fused with sums or not; |z| · 8u
    is more than the roundings of the ends themselves.

    Attributes:
        arithmetic: What is computed in.
        norm: The norm that errors are bounded by, and up to which one something is certified.
        slope: See above.
        offsets: For the ends of each interval (`""`, `_in_tolerance`) the offset of each value.
    """

    arithmetic: Arithmetic
    norm: Norm
    slope: float
    offsets: Mapping[str, Sequence[float]]

    @property
    def arrays(self) -> dict[str, NDArray[np.floating[Any]]]:
        """Its constant arrays."""
        return {f"offset{ends}": np.array(each, self.arithmetic.dtype) for ends, each in self.offsets.items()}

    @property
    def results(self) -> list[str]:
        """What there is of each value."""
        return [f"{end}{ends}" for ends in self.offsets for end in ("low", "high")]

    def emulate(self, inputs: Values, values: Values) -> dict[str, NDArray[Any]]:
        """What the program answers where a product and a sum are never fused, bit for bit.

        Args:
            inputs: (samples, *shape).
            values: (samples, outputs), as it computes them.
        """
        n = self.arithmetic.dtype
        nothing = n(np.finfo(n).max)
        found: dict[str, NDArray[Any]] = {}
        with np.errstate(all="ignore"):
            within, norm = self.norm.emulate(inputs, values)
            kept = within[:, None]
            z = np.where(kept, values, n(0))
            error, rounded = (norm * n(self.slope))[:, None], np.where(z < 0, -z, z) * n(self._share)
            for ends, offsets in self.arrays.items():
                half = (error + offsets) + rounded
                suffix = ends.removeprefix("offset")
                found[f"low{suffix}"] = np.where(kept, z - half, -nothing)
                found[f"high{suffix}"] = np.where(kept, z + half, nothing)
        return {**found, "certified": within.astype(np.int32)}

    def write(self, code: Code, name: str) -> None:
        """The function `predict`."""
        a, macro = self.arithmetic, name.upper()
        with code.block(f"int32_t {name}_predict(const {a.type} *input, {name}_result *result)"):
            self.norm.declare(code)
            code.line(f"{name}_values(input, values);")
            self.norm.write(code, macro, "values")
            with code.block(f"for (int32_t j = 0; j < {macro}_OUTPUTS; ++j)"):
                code.line("result->value[j] = values[j];")
                for result in self.results:
                    sign = "-" if result.startswith("low") else ""
                    code.line(f"result->{result}[j] = {sign}{a.prefix}_MAX;")
            code.line("result->certified = within;")
            with code.block("if (within != 0)"):
                self.norm.write_norm(code)
                code.line(f"const {a.type} error = norm * {a.literal(self.slope)};")
                with code.block(f"for (int32_t j = 0; j < {macro}_OUTPUTS; ++j)"):
                    code.line(f"const {a.type} z = values[j];")
                    code.line(
                        f"const {a.type} rounded = ((z < {a.literal(0.0)}) ? -z : z) * {a.literal(self._share)};"
                    )
                    for ends in self.offsets:
                        half = f"half{ends}"
                        code.line(f"const {a.type} {half} = (error + offset{ends}[j]) + rounded;")
                        code.line(f"result->low{ends}[j] = z - {half};")
                        code.line(f"result->high{ends}[j] = z + {half};")
            code.line("return result->certified;")

    @property
    def _share(self) -> float:
        return 8.0 * self.arithmetic.unit


def intervals_of(
    norm: Norm,
    error: ProgramError,
    semantics: Semantics,
    moves: Mapping[str, tuple[float, Sequence[float]]],
) -> Intervals:
    """The constants of a program's intervals.

    Args:
        norm: The norm that errors are bounded by.
        error: How far its values may be from exact.
        semantics: `real`, or `float32`: the intervals of what the program itself computes.
        moves: For each interval how far the input moves (L2), and how far each value does at most.

    Raises:
        RefusedError: A value moves too far for the arithmetic.
    """
    a, u = norm.arithmetic, Fraction(norm.arithmetic.unit)
    slope, offset = Fraction(error.slope), Fraction(error.offset)
    reach = 0.0
    if semantics == "float32":
        # At the other end what is scaled is off by its movement more.
        reach = max(norm.moved(distance) for distance, _ in moves.values())
        slope, offset = 2 * slope, 2 * offset + slope * Fraction(reach)
    if not all(most <= _MOST for _, each in moves.values() for most in each):
        raise RefusedError(f"how far a value moves is beyond {a.name}")
    # Seven roundings at most, and what may underflow in as many steps.
    kept, lost = (1 - u) ** 12, 32 * Fraction(a.smallest)
    offsets = {
        ends: [a.up((offset + Fraction(most)) / kept + lost) for most in each]
        for ends, (_, each) in moves.items()
    }
    return Intervals(a, norm.within(reach), a.up(slope / kept), offsets)
