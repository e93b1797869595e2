from __future__ import annotations

from lipbuild.certifying.bounds.gram import singular_values
from lipbuild.certifying.bounds.lags import Lags
from lipbuild.certifying.bounds.rounding import add_up, mul_up, sqrt_up


def lag_bound(lags: Lags) -> float:
    """Bound a convolution of any input size and zero padding by σ² <= ‖H_0‖₂ + Σ_{Δ≠0} ‖H_Δ‖₂.

    The Gram matrix is a sum of shifts by Δ times H_Δ, and each has the norm of its block at most. No trigonometry is
    needed. For an orthogonal kernel H_0 is nearly the identity and the others nearly 0, so that this is tight: what
    rounding to float32 leaves in them is noise, and adds 4.5e-7 with 512 channels. The magnitudes of the same noise
    add up to 1.5e-6 in `schur_of_lags`, and grow with the root of the channels where the norms grow with their fourth
    root. Factors that are retracted in float32 leave more than noise, multiples of 4e-6 of projectors: then both are
    off by 1e-4 and more.

    Args:
        lags: Of the scaled taps.

    Returns:
        An upper bound of the norm for the scaled taps, the maximum over the groups.
    """
    largest = 0.0
    for group, error in enumerate(lags.error):
        norm = singular_values(lags.stacked[group : group + 1]).upper
        square = add_up(add_up(mul_up(norm, norm), lags.others[group]), error)
        largest = max(largest, sqrt_up(square))
    return largest
