from __future__ import annotations

import math
from collections import Counter

import numpy as np

from lipbuild.certifying.bounds.gram import singular_values
from lipbuild.certifying.bounds.rounding import mul_up, sqrt_up
from lipbuild.certifying.bounds.stencil import Stencil


def patch_bound(stencil: Stencil) -> float:
    """Bound a convolution by that of gathering patches times that of the reshaped kernel.

    Gathering patches has the root of `patches_of_input` as its norm, whatever the input size and the zero padding; the
    reshaped kernel is a matrix.

    Args:
        stencil: The convolution; the lengths of its axes are not looked at.

    Returns:
        An upper bound of the norm for the scaled taps, the maximum over the groups.
    """
    groups, outputs = stencil.taps.shape[0], stencil.taps.shape[-1]
    matrices = np.ascontiguousarray(stencil.taps).reshape(groups, -1, outputs)
    return mul_up(sqrt_up(float(patches_of_input(stencil))), singular_values(matrices).upper)


def patches_of_input(stencil: Stencil) -> int:
    """In how many patches an input is at most: Π_axes max_ρ #{taps a : a·dilation ≡ ρ mod stride}."""
    return math.prod(
        max(Counter(a * axis.dilation % axis.stride for a in range(axis.size)).values())
        for axis in stencil.axes
    )
