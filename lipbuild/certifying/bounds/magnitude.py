from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import Array, scaled
from lipbuild.certifying.bounds.rounding import add_up, gamma, mul_up, scale_up, sqrt_up


def kernel_magnitude_up(kernel: Array, groups: int = 1) -> float:
    """Bound the norm of a dense kernel's or a convolution's map with its weights replaced by their magnitudes.

    By Schur's test it is at most √(a·b), a the largest sum of |K| over the taps and inputs of one output and b
    that over the taps and outputs of one input, for every stride, padding and dilation: they only leave addends
    out. For the kernels of a network that is nearly the norm.

    Args:
        kernel: (…, inputs, outputs), finite, of any magnitudes; with groups the inputs are those of one.
        groups: Number of groups.

    Returns:
        An upper bound, of the transposed map too.
    """
    values, exponent = scaled(np.abs(kernel))
    inputs, outputs = values.shape[-2:]
    taps = values.reshape(-1, inputs, groups, outputs // groups)
    into, out_of = taps.sum(axis=(0, 1)), taps.sum(axis=(0, 3))
    product = mul_up(float(np.max(into, initial=0.0)), float(np.max(out_of, initial=0.0)))
    # Sums of magnitudes: short by a factor of at most 1 + γ each; what scaling flushed is below 2^-1022.
    slack = 1.0 + 4.0 * gamma(taps.size + 8)
    return scale_up(sqrt_up(add_up(mul_up(product, slack), taps.size * 2.0**-1000)), exponent)
