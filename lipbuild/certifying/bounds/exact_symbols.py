from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.any_size import COARSE, grid_periods
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.integer_gram import gain_square, square_down, square_up
from lipbuild.certifying.bounds.integers import integers, root_down, root_up
from lipbuild.certifying.bounds.room import room_of_symbol
from lipbuild.certifying.bounds.roots import cosine_down, fixed_point_root
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.symbol import Frequency, cells, frequencies, symbol_shape

_PHASE_BITS = 80


class ExactSymbols:
    """The symbols of a convolution in integers, with python-flint.

    Args:
        stencil: Of exponent 0.
    """

    def __init__(self, stencil: Stencil) -> None:
        self.stencil = stencil
        values, exponent = integers(stencil.taps)
        self.taps: Any = np.array(values, dtype=object).reshape(stencil.taps.shape)
        self.unit = Fraction(2) ** (exponent - _PHASE_BITS)
        self.error = _error(self.taps) * Fraction(2) ** exponent

    def any_size(self) -> Bound:
        """The bound of `lipbuild.certifying.bounds.any_size` on its coarse grid."""
        periods = grid_periods(self.stencil, COARSE)
        largest, smallest, witness = 0.0, math.inf, 0.0
        for tall in self._matrices(frequencies(periods, [0] * len(periods))):
            square, vector = square_up(tall)
            largest = max(largest, root_up(square * self.unit**2))
            smallest = min(smallest, root_down(square_down(tall) * self.unit**2))
            witness = max(witness, root_down(gain_square(tall, vector) * self.unit**2))
        if math.isinf(largest):
            return Bound(largest, 0.0, "any size", "exact")
        high = (Fraction(largest) + self.error) ** 2
        low = max(Fraction(smallest) - self.error, Fraction(0)) ** 2
        centre, deviation = (high + low) / 2, (high - low) / 2
        for axis, period in zip(self.stencil.axes, periods, strict=True):
            deviation /= cosine_down(axis.degree, 2 * period)
        lower = root_down(max(Fraction(witness) - self.error, Fraction(0)) ** 2)
        return Bound(root_up(centre + deviation), lower, "any size", "exact")

    def grid(self) -> Bound:
        """The greatest norm on the grid without wrap-around."""
        periods = self._periods()
        twists = [0] * len(periods)
        largest = Fraction(0)
        for tall in self._matrices(frequencies(periods, twists)):
            largest = max(largest, square_up(tall)[0])
        root = root_up(largest * self.unit**2)
        upper = root_up((Fraction(root) + self.error) ** 2) if math.isfinite(root) else math.inf
        hint = {"grid": list(periods), "twist": twists}
        room = room_of_symbol(*symbol_shape(self.stencil), self.stencil.tap_count)
        return Bound(upper, 0.0, "frequencies", "exact", hint, room)

    def grid_cost(self) -> float:
        """Frequencies · order³."""
        groups = self.stencil.taps.shape[0]
        return float(math.prod(self._periods()) / 2 * groups * min(symbol_shape(self.stencil)) ** 3)

    def _periods(self) -> Sequence[int]:
        return [axis.period if axis.degree else 1 for axis in self.stencil.axes]

    def _matrices(self, at: Sequence[Frequency]) -> Iterator[Any]:
        for group in range(self.taps.shape[0]):
            for frequency in at:
                matrix = _symbol(self.stencil, self.taps[group], frequency)
                yield matrix if matrix.nrows() >= matrix.ncols() else matrix.transpose()


def _error(taps: Any) -> Fraction:
    """An upper bound of the norm by which a symbol is off: each phase by at most 2^-70, see `_symbol`.

    The norm of Σ|K_q| is at most the root of its largest row sum times its largest column sum.
    """
    sums = np.abs(taps).reshape(taps.shape[0], -1, taps.shape[-2], taps.shape[-1]).sum(axis=1)
    row, column = int(sums.sum(axis=2).max()), int(sums.sum(axis=1).max())
    # The cells of a strided convolution share the columns, so they can only split the row sums.
    return Fraction(math.isqrt(row * column) + 1, 2**70)


def _symbol(stencil: Stencil, taps: Any, frequency: Frequency) -> Any:
    """The real form of the symbol in units of 2^-_PHASE_BITS of the integer taps.

    Each phase is a product of d roots of unity, each within 2^-80 and cut to 80 bits after each product:
    together within 2^-70 for any d below 100.
    """
    from flint import fmpz_mat

    one = 1 << _PHASE_BITS
    real_rows: list[list[int]] = []
    imaginary_rows: list[list[int]] = []
    for members in cells(stencil):
        real: Any = 0
        imaginary: Any = 0
        for tap, shift in members:
            cos, sin = one, 0
            for (p, q), s in zip(frequency, shift, strict=True):
                c, i = fixed_point_root(p * s, q, _PHASE_BITS)
                cos, sin = (cos * c - sin * i) >> _PHASE_BITS, (cos * i + sin * c) >> _PHASE_BITS
            real = real + taps[tap] * cos
            imaginary = imaginary + taps[tap] * sin
        real_rows += real.tolist()
        imaginary_rows += imaginary.tolist()
    rows = [[*x, *(-v for v in y)] for x, y in zip(real_rows, imaginary_rows, strict=True)]
    rows += [[*y, *x] for x, y in zip(real_rows, imaginary_rows, strict=True)]
    return fmpz_mat(rows)
