"""A proved constant of a recurrence over a number of steps."""

from __future__ import annotations

from fractions import Fraction

from lipbuild.certifying.bounds.roots import cosine_down
from lipbuild.certifying.bounds.rounding import mul_up
from lipbuild.network.rounding import root_up


def recurrence_bound(kernel: float, recurrent: float, steps: int, return_sequences: bool) -> float:
    """Bound the constant of h_t = σ(U h_{t−1} + W x_t + b), t = 1…T, from a fixed h_0, with a non-expansive σ.

    With κ ≥ ‖W‖ and ρ ≥ ‖U‖, ‖Δh_t‖ ≤ ρ ‖Δh_{t−1}‖ + κ ‖Δx_t‖, so ‖Δh_t‖ ≤ κ max(1, ρ)^{T−1} Σ_{s≤t} ‖Δx_s‖. For the
    last state the sum is at most √T ‖Δx‖. For all states it is the triangular matrix L of ones on the norms of the
    steps; (L Lᵀ)⁻¹ is tridiagonal with the least eigenvalue 4 sin²(π/(4T+2)), so ‖L‖ = 1/(2 sin(π/(4T+2))).

    Args:
        kernel: κ.
        recurrent: ρ.
        steps: T, at least 1.
        return_sequences: whether the result is all states or the last one.

    Returns:
        The bound, with respect to the norm over all steps.
    """
    growth = 1.0
    for _ in range(steps - 1):
        growth = mul_up(growth, max(1.0, recurrent))
    return mul_up(mul_up(kernel, growth), _sum_up(steps) if return_sequences else root_up(steps))


def _sum_up(steps: int) -> float:
    """1/(2 sin(π/(4T+2))), rounded up."""
    # sin(π/(4T+2)) = cos(2π·T/(4T+2)).
    sine = cosine_down(steps, 4 * steps + 2)
    return root_up(Fraction(1, 4) / sine**2)
