"""The factors by which layers keep off their constant, so that what is proved of the stored kernel reaches it."""

from __future__ import annotations

import math
from collections.abc import Sequence

DENSE_SAFETY = 1.0 - 2.0**-22
"""Of a matrix that is computed in float64 and rounded once to float32.

Its own norm may round up by 2⁻²⁴ of it. The roundings of orthonormal rows of n entries are noise of about .4·2⁻²⁴/√n
an entry, whose norm is below .9·2⁻²⁴ whatever n is. The proof adds 1e-9 at 4,096 units. Measured up to 1,024: .6·2⁻²⁴.
"""


def convolution_safety(kernel_size: Sequence[int], strides: Sequence[int], channels: int) -> float:
    """That of a convolution whose kernel is computed in float64 and rounded once to float32.

    The bound ‖H_0‖ + Σ‖H_Δ‖ of an orthogonal kernel adds up what rounding leaves in each lag Δ. All blocks H_Δ
    together have a Frobenius norm of about .6·2⁻²⁴·√channels, each of L lags has its share, 1/√L, and the norm that is
    proved of noise is the fourth root of 2/channels of that. So the bound of σ grows with √L·channels^¼; measured
    (3×3 to 7×7, 64 to 512 channels) it is .24 to .36 of that times 2⁻²⁴.

    Args:
        kernel_size: Taps of each axis.
        strides: Of each axis; shifts within one stride do not count as lags.
        channels: The lesser of inputs, times the strides, and outputs, of one group.
    """
    shifts = [(k - 1) // s for k, s in zip(kernel_size, strides, strict=True)]
    lags = math.prod(2 * n + 1 for n in shifts) - 1
    return 1.0 - 2.0**-24 * (4.0 + 0.5 * math.sqrt(lags) * channels**0.25)
