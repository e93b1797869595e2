from __future__ import annotations

import math
from dataclasses import dataclass

from lipbuild.certify.bounds.arrays import Array
from lipbuild.certify.bounds.balls import Balls, frobenius_up
from lipbuild.certify.bounds.rounding import add_up, mul_up, sqrt_up


@dataclass(frozen=True, eq=False)
class ComputedKernel:
    """A kernel that a layer computes from its weights.

    Args:
        kernel: in float64.
        error: an upper bound of the norm of the map with the exact kernel less the map with this one.
    """

    kernel: Array
    error: float

    @classmethod
    def of(cls, balls: Balls, extra: float = 0.0) -> ComputedKernel:
        """The middle of balls.

        Args:
            balls: (…, inputs, outputs); a convolution with a kernel of Frobenius norm ε and t taps has at most
                the norm √t·ε.
            extra: what else the exact kernel may be off, in norm.
        """
        taps = math.prod(balls.middle.shape[:-2])
        error = mul_up(sqrt_up(float(taps)), frobenius_up(balls.radius))
        return cls(balls.middle, add_up(error, extra))
