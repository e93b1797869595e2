from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# The points of a curve besides its ends.
_POINTS = 100


def shares(reached: NDArray[np.float64], radii: Sequence[float]) -> tuple[float, ...]:
    """For each radius the share of samples that stay right under every perturbation smaller than it.

    Args:
        reached: (samples,), for each sample the radius up to which it stays right; negative where it is wrong.
        radii: The radii.
    """
    return tuple(float(np.mean((reached >= radius) & (reached >= 0.0))) for radius in radii)


def curve_radii(reached: NDArray[np.float64]) -> tuple[float, ...]:
    """Evenly spaced radii from 0 to a little beyond the largest finite one that a sample reaches."""
    finite = reached[np.isfinite(reached)]
    end = float(np.max(finite, initial=0.0)) * 1.02
    return tuple(float(radius) for radius in np.linspace(0.0, end if end > 0.0 else 1.0, _POINTS + 1))
