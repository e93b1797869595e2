"""A proved constant of the residual block x − B relu(Wᵀx + b), from W and B as they are applied."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.residual_block import ResidualBlock, residual_constant

# Kernels with the hidden channels last, to a proved bound of their operator's norm.
Norm = Callable[[NDArray[np.float64]], float]


def residual_bound(into: np.ndarray, back: np.ndarray, norm: Norm, rough_norm: Norm) -> float:
    """Bound the constant of x ↦ x − B relu(Wᵀx + b); see `ResidualBlock`.

    Args:
        into: W, its last axis the hidden channels.
        back: B in the same layout.
        norm: bounds the operator of a kernel in that layout, tightly.
        rough_norm: bounds it, for the small E.

    Returns:
        The bound; infinite where B is nothing like W diag(r²).

    Raises:
        ValueError: a weight is not finite.
    """
    block = ResidualBlock.of(into, back)
    if block is None:
        return math.inf
    if not block.through.any():
        return 1.0
    through, wrong = Bound(norm(block.through), 0.0, ""), Bound(rough_norm(block.wrong), 0.0, "")
    through, wrong = block.parts(through, wrong)
    return residual_constant(through.upper, wrong.upper)
