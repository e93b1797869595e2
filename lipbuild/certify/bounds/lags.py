from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.polyphase import Shift, polyphase
from lipbuild.certify.bounds.rounding import UNDERFLOW, add_up, gamma, mul_up, sum_up
from lipbuild.certify.bounds.stencil import Stencil
from lipbuild.certify.bounds.witness import euclidean_up


@dataclass(frozen=True, eq=False)
class Lags:
    """The Gram matrix of a convolution on the infinite lattice, one block for each lag.

    With blocks K_t for the shifts t it is H_Δ = Σ_t K_tᵀK_{t+Δ} on the side of the outputs and Σ_t K_t K_{t+Δ}ᵀ on
    that of the inputs. H_{−Δ} = H_Δᵀ, and one of the two is kept.

    Args:
        stacked: (groups, …, channels): the matrix whose Gram matrix is H_0, without a rounding.
        others: for each other lag its H_Δ, (groups, channels, channels).
        error: (groups,), upper bounds of Σ_Δ of the Frobenius norms by which all H_Δ are off together.
    """

    stacked: Array
    others: dict[Shift, Array]
    error: list[float]

    @classmethod
    def of(cls, stencil: Stencil, *, of_outputs: bool | None = None) -> Lags:
        """The lags of a stencil; its input size is not looked at.

        Args:
            stencil: the convolution.
            of_outputs: the side; the one with fewer channels where left out.
        """
        blocks = polyphase(stencil)
        groups, rows, columns = next(iter(blocks.values())).shape
        if not (columns <= rows if of_outputs is None else of_outputs):
            blocks = {shift: np.swapaxes(block, 1, 2) for shift, block in blocks.items()}
        others: dict[Shift, Array] = {}
        for p, first in blocks.items():
            for q, second in blocks.items():
                lag = tuple(b - a for a, b in zip(p, q, strict=True))
                if lag > tuple(-n for n in lag):
                    product = np.matmul(np.swapaxes(first, 1, 2), second)
                    others[lag] = others[lag] + product if lag in others else product
        # Each product is off by γ |K_t|ᵀ|K_u|, whose Frobenius norm is at most that of the factors.
        roundings = gamma(max(rows, columns) + len(blocks) + 2)
        error = []
        for group in range(groups):
            size = sum_up(euclidean_up(block[group]) for block in blocks.values())
            underflow = float(rows * columns * len(blocks) ** 2) * 2.0**53 * UNDERFLOW
            error.append(add_up(mul_up(roundings, mul_up(size, size)), underflow))
        return cls(np.concatenate(list(blocks.values()), axis=1), others, error)
