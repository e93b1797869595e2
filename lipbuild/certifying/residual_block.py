from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.frobenius import frobenius_up
from lipbuild.certifying.bounds.room import ROUNDED
from lipbuild.certifying.bounds.rounding import (
    UNIT_ROUNDOFF,
    add_up,
    div_up,
    mul_up,
    sqrt_up,
    sub_down,
    sub_up,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ResidualBlock:
    """The map x ↦ x − B σ(Wᵀx + b) for a B that is W diag(r²) up to rounding, and slopes of σ in [0, 1].

    The derivative is I − B S Wᵀ with a diagonal S between 0 and I. With B = W R² + E it is

        (I − W R S R Wᵀ) − (E R⁻¹) S (R Wᵀ),

    whose first part is symmetric with eigenvalues between 1 − ‖W R‖² and 1, for every positive diagonal R (Araujo et
    al. 2023 with E = 0); see `residual_constant`. R is taken from the quotients of the two kernels' columns.

    Args:
        through: W R, its last axis the hidden channels that read anything.
        wrong: E R⁻¹ in the same layout.
        slack: An upper bound of the norm of what rounding has changed in either operator.
    """

    through: Array
    wrong: Array
    slack: float

    @classmethod
    def of(cls, into: np.ndarray, back: np.ndarray) -> ResidualBlock | None:
        """The block of two kernels.

        Args:
            into: W, its last axis the hidden channels.
            back: B in the same layout.

        Returns:
            The block; None where B is nothing like W diag(r²).

        Raises:
            ValueError: a weight is not finite.
        """
        w, b = exact_float64(into), exact_float64(back)
        axes = tuple(range(w.ndim - 1))
        # A hidden channel that reads nothing is a constant.
        reads = np.any(w != 0.0, axis=axes)
        w, b = w[..., reads], b[..., reads]
        if w.size == 0:
            return cls(np.zeros((1, 1)), np.zeros((1, 1)), 0.0)
        with np.errstate(all="ignore"):
            squares = np.sum(b * w, axis=axes) / np.sum(w * w, axis=axes)
            # A channel that writes nothing: any R does, and a small one adds little.
            roots = np.where(np.any(b != 0.0, axis=axes), np.sqrt(squares), 2.0**-100)
            through = w * roots
            wrong = (b - w * (roots * roots)) / roots
        if not (np.isfinite(through).all() and np.isfinite(wrong).all() and (roots > 0.0).all()):
            return None
        # One rounding of each entry of W R, and four of those of E R⁻¹, two of them relative to W R.
        # The operator of a kernel of Frobenius norm ε has at most the norm ε · (number of taps).
        taps = float(math.prod(w.shape[:-2]))
        size = add_up(add_up(frobenius_up(through), frobenius_up(wrong)), 2.0**-500)
        slack = mul_up(taps, mul_up(8.0 * UNIT_ROUNDOFF, size))
        return cls(through, wrong, slack)

    def parts(self, through: Bound, wrong: Bound) -> tuple[Bound, Bound]:
        """The norms of W R and of E R⁻¹, from those of `through` and `wrong`.

        Four times what is off is added: another program computes R and the kernels with roundings of its own.
        """
        return self._raised(through), self._raised(wrong)

    def _raised(self, part: Bound) -> Bound:
        off = mul_up(4.0, self.slack)
        raised = mul_up(part.upper, add_up(1.0, max(part.room, ROUNDED)))
        return replace(part, upper=add_up(raised, off), lower=0.0, room=0.0)


def residual_constant(through: float, wrong: float) -> float:
    """The lesser of max(1, ρ² − 1) + ε ρ and, where ρ² < 2, √(1 + ε²/(2 − ρ²)); ρ = ‖W R‖, ε = ‖E R⁻¹‖, rounded up.

    For a unit vector x and y = R Wᵀx the first part of the derivative gives 1 − 2 yᵀSy + ‖W R S y‖² squared, which is
    at most 1 − (2 − ρ²) t² with t = ‖S y‖ since yᵀSy >= t²; the second at most ε t. The greatest
    √(1 − (2 − ρ²) t²) + ε t of all t is the root above.
    """
    square = mul_up(through, through)
    constant = add_up(max(1.0, sub_up(square, 1.0)), mul_up(wrong, through))
    left = sub_down(2.0, square) if square < 2.0 else 0.0
    if left <= 0.0:
        return constant
    return min(constant, sqrt_up(add_up(1.0, div_up(mul_up(wrong, wrong), left))))
