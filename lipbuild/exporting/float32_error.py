"""How far the logits of a served network may be from those of the function that its weights define."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32
from lipbuild.certifying.inference import inference_error
from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError

# Far beyond this norm the bound is its slope times the norm, to the last of its digits that count.
_FAR = 2.0**60
_NORMS = (0.0, 1e-6, 1e-3, 1.0, 30.0, 1e3, 1e6, 1e12)


@dataclass(frozen=True)
class Float32Error:
    """‖computed logits − real logits‖₂ ≤ slope · ‖x‖₂ + offset for every input x, all arithmetic in float32.

    Attributes:
        slope: Per unit of the input's norm.
        offset: What does not depend on the input.
    """

    slope: float
    offset: float

    def at_least(self, other: Float32Error) -> Float32Error:
        """The greater of two bounds, for every input."""
        return Float32Error(max(self.slope, other.slope), max(self.offset, other.offset))

    def at(self, norm: float) -> float:
        """The bound for inputs of at most a norm."""
        return self.slope * norm + self.offset


def float32_error(network: Network, gains: Mapping[str, float]) -> Float32Error:
    """The bound of `inference_error` as a function of the input's norm.

    That bound e(R) is made of sums, products with constants and norms of numbers affine in R, so it is convex in
    R and below e(0) + R · lim e(R)/R.

    Args:
        network: The network.
        gains: The proved constant of each operation on one input.

    Raises:
        RefusedError: The rounding of an operation is not known.
    """

    def error(norm: float) -> float:
        return inference_error(network, gains, norm, UNIT_ROUNDOFF_32)

    offset, far = error(0.0), error(_FAR)
    if not math.isfinite(offset) or not math.isfinite(far):
        raise RefusedError(
            "the rounding of an operation of this network is not known, so no radius can be computed in it",
            "export it without `--with-radius`; `lipbuild certify` states radii in float64",
        )
    # A billionth is above what the roundings of the two bounds themselves can do.
    bound = Float32Error(far / _FAR * (1.0 + 1e-9), offset * (1.0 + 1e-9) + 1e-38)
    assert all(error(norm) <= bound.at(norm) for norm in _NORMS)
    return bound
