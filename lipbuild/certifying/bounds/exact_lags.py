from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.integer_gram import square_up
from lipbuild.certifying.bounds.integers import integers, root_up
from lipbuild.certifying.bounds.polyphase import Shift, polyphase
from lipbuild.certifying.bounds.room import ROOM_OF_LAGS
from lipbuild.certifying.bounds.stencil import Stencil


@dataclass(frozen=True, eq=False)
class ExactLags:
    """The blocks of `Lags` in integers, with python-flint.

    Args:
        stacked: For each group the matrix whose Gram matrix is H_0, a `flint.fmpz_mat`.
        others: For each group, for each lag other than 0, one of ±Δ, its block.
        exponent: The matrices are those of the taps times 2^-exponent, the blocks those of their squares.
    """

    stacked: list[Any]
    others: list[dict[Shift, Any]]
    exponent: int

    @classmethod
    def of(cls, stencil: Stencil) -> ExactLags:
        """The lags of a stencil of exponent 0; its input size is not looked at."""
        from flint import fmpz_mat

        blocks = polyphase(stencil)
        groups, rows, columns = next(iter(blocks.values())).shape
        if columns > rows:
            blocks = {shift: np.swapaxes(block, 1, 2) for shift, block in blocks.items()}
        together = np.stack(list(blocks.values()), axis=1)
        values, exponent = integers(together)
        whole: Any = np.array(values, dtype=object).reshape(together.shape)
        stacked, others = [], []
        for group in range(groups):
            matrices = [fmpz_mat(block.tolist()) for block in whole[group]]
            lags: dict[Shift, Any] = {}
            for p, first in zip(blocks, matrices, strict=True):
                for q, second in zip(blocks, matrices, strict=True):
                    lag = tuple(b - a for a, b in zip(p, q, strict=True))
                    if lag > tuple(-n for n in lag):
                        product = first.transpose() * second
                        lags[lag] = lags[lag] + product if lag in lags else product
            others.append(lags)
            stacked.append(fmpz_mat(whole[group].reshape(-1, whole.shape[-1]).tolist()))
        return cls(stacked, others, exponent)

    def bound(self) -> Bound:
        """√(‖H_0‖₂ + Σ ‖H_Δ‖₂), as `lag_bound`."""
        largest = Fraction(0)
        for stacked, lags in zip(self.stacked, self.others, strict=True):
            square = square_up(stacked)[0]
            for block in lags.values():
                product = block.transpose() * block
                squares = sum(int(v) ** 2 for v in product.entries())
                square += 2 * (math.isqrt(math.isqrt(squares) + 1) + 1)
            largest = max(largest, square)
        return self._bound(largest, "lags")

    def schur(self) -> Bound:
        """√ρ(Σ |H_Δ|), as `schur_of_lags`."""
        largest = Fraction(0)
        for stacked, lags in zip(self.stacked, self.others, strict=True):
            total = np.abs(_array(stacked.transpose() * stacked))
            for block in lags.values():
                magnitudes = np.abs(_array(block))
                total = total + magnitudes + magnitudes.T
            largest = max(largest, _gain(total))
        return self._bound(largest, "schur")

    def _bound(self, square: Fraction, method: str) -> Bound:
        upper = root_up(square * Fraction(4) ** self.exponent)
        return Bound(upper, 0.0, method, "exact", room=ROOM_OF_LAGS)


def _array(matrix: Any) -> Any:
    return np.array([[int(v) for v in row] for row in matrix.tolist()], dtype=object)


def _gain(matrix: Any) -> Fraction:
    """max_i (A v)_i / v_i for a positive integer vector v that some power steps find."""
    bits = max(int(matrix.max()).bit_length() - 500, 0)
    floats = np.array([[float(v >> bits) for v in row] for row in matrix.tolist()])
    vector = np.ones(len(floats))
    for _ in range(200):
        vector = np.sqrt(vector * (floats @ vector))
        vector = np.maximum(vector / max(float(vector.max()), 2.0**-1000), 2.0**-30)
    positive: Any = np.array([max(round(v * 2.0**60), 1) for v in vector.tolist()], dtype=object)
    products = matrix @ positive
    return max(Fraction(int(p), int(v)) for p, v in zip(products, positive, strict=True))
