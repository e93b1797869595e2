from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.polyphase import Shift, polyphase
from lipbuild.certifying.bounds.rounding import UNDERFLOW, add_up, gamma, mul_up, sqrt_up, sum_up
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.witness import euclidean_up


@dataclass(frozen=True, eq=False)
class Lags:
    """What bounds need of the Gram matrix of a convolution on the infinite lattice, one block for each lag.

    With blocks K_t for the shifts t it is H_Δ = Σ_t K_tᵀK_{t+Δ} on the side of the outputs and Σ_t K_t K_{t+Δ}ᵀ on
    that of the inputs. H_{−Δ} = H_Δᵀ. No block is kept: there are many of wide kernels of many taps.

    Args:
        stacked: (groups, …, channels): the matrix whose Gram matrix is H_0, without a rounding.
        others: (groups,), upper bounds of Σ_{Δ≠0} ‖H_Δ‖₂ as they were computed.
        magnitudes: (groups, channels, channels), Σ_Δ |H_Δ| as they were computed, in `count` additions.
        error: (groups,), upper bounds of Σ_Δ of the Frobenius norms by which all H_Δ are off together.
        count: How many lags there are, 0 included.
    """

    stacked: Array
    others: list[float]
    magnitudes: Array
    error: list[float]
    count: int

    @classmethod
    def of(cls, stencil: Stencil, *, of_outputs: bool | None = None) -> Lags:
        """The lags of a stencil; its input size is not looked at.

        Args:
            stencil: The convolution.
            of_outputs: The side; the one with fewer channels where left out.
        """
        blocks = polyphase(stencil)
        groups, rows, columns = next(iter(blocks.values())).shape
        if not (columns <= rows if of_outputs is None else of_outputs):
            blocks = {shift: np.swapaxes(block, 1, 2) for shift, block in blocks.items()}
        channels = next(iter(blocks.values())).shape[2]
        magnitudes = np.zeros((groups, channels, channels))
        others = [0.0] * groups
        pairs = _pairs(blocks)
        for lag, terms in pairs.items():
            block = np.zeros((groups, channels, channels))
            for p, q in terms:
                block += np.matmul(np.swapaxes(blocks[p], 1, 2), blocks[q])
            magnitude = np.abs(block)
            magnitudes += magnitude
            if not any(lag):
                continue
            magnitudes += np.swapaxes(magnitude, 1, 2)
            for group in range(groups):
                # Once for Δ and once for −Δ.
                others[group] = add_up(others[group], 2.0 * norm_up(block[group]))
        # Each product is off by γ |K_t|ᵀ|K_u|, whose Frobenius norm is at most that of the factors.
        roundings = gamma(max(rows, columns) + len(blocks) + 2)
        error = []
        for group in range(groups):
            size = sum_up(euclidean_up(block[group]) for block in blocks.values())
            underflow = float(rows * columns * len(blocks) ** 2) * 2.0**53 * UNDERFLOW
            error.append(add_up(mul_up(roundings, mul_up(size, size)), underflow))
        return cls(
            np.concatenate(list(blocks.values()), axis=1), others, magnitudes, error, 2 * len(pairs) - 1
        )


def norm_up(matrix: Array) -> float:
    """An upper bound of a square matrix's spectral norm, ‖HᵀH‖_F^{1/2}, for one product and no factorisation.

    It is never more than ‖H‖_F, and about √(2/√n) of it where the entries are noise, as rounding leaves of the lags
    of an orthogonal kernel.
    """
    frobenius = euclidean_up(matrix)
    with np.errstate(over="ignore"):
        product = matrix.T @ matrix
    # Each entry is off by γ |H|ᵀ|H|, and underflow adds less than the last term.
    off = add_up(mul_up(gamma(len(matrix) + 2), mul_up(frobenius, frobenius)), matrix.size * 2.0**-960)
    return min(frobenius, sqrt_up(add_up(euclidean_up(product), off)))


def _pairs(blocks: Mapping[Shift, Array]) -> dict[Shift, list[tuple[Shift, Shift]]]:
    """For 0 and for one of each pair ±Δ the shifts that are Δ apart."""
    pairs: dict[Shift, list[tuple[Shift, Shift]]] = {}
    for p in blocks:
        for q in blocks:
            lag = tuple(b - a for a, b in zip(p, q, strict=True))
            if lag >= tuple(-n for n in lag):
                pairs.setdefault(lag, []).append((p, q))
    return pairs
