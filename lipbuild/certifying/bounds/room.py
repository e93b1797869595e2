"""How much room a stated bound leaves to those who prove it again."""

from __future__ import annotations

from lipbuild.certifying.bounds.rounding import UNIT_ROUNDOFF

ROUNDED = 2.0**-45
"""For a closed form with some roundings."""


def room_of_matrix(rows: int, columns: int) -> float:
    """The room of a spectral norm that is proved by a Cholesky factor.

    Relative to σ² a Gram matrix summed in blocks of 64 may be off by (64 + k/64) u ‖W‖_F²/σ² and the check of a factor
    by r u ‖L‖_F²/σ², r the smaller dimension and k the other, where neither Frobenius norm exceeds r σ². This is
    more than twice that.
    """
    inner, order = max(rows, columns), min(rows, columns)
    return ROUNDED + 1.5 * UNIT_ROUNDOFF * order * (order + 80 + inner / 64)


def room_of_symbol(rows: int, columns: int, taps: int) -> float:
    """The room of the greatest norm over frequencies, of symbols in their real form."""
    phases = 8.0 * UNIT_ROUNDOFF * (taps + 16) * taps * min(rows, columns)
    return room_of_matrix(rows, columns) + phases


ROOM_OF_LAGS = 2.0**-28
"""For a bound by the blocks of a Gram matrix, whose Frobenius norms are summed and may be bounded roughly."""
