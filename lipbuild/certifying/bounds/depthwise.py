"""A proved Lipschitz constant of a depthwise convolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import EXPLICIT_ORDER, convolution


def depthwise(
    kernel: np.ndarray,
    input_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    dilation_rate: int | Sequence[int] = 1,
    explicit_order: int = EXPLICIT_ORDER,
) -> Bound:
    """Bound a depthwise convolution: a convolution with one group for each channel.

    Args:
        kernel: (k_1, …, k_d, channels, depth multiplier), Keras's layout.
        input_shape: The d spatial lengths of the input, or None where they are not known.
        strides: One for each axis or one for all.
        padding: `valid` or `same`.
        dilation_rate: One for each axis or one for all.
        explicit_order: See `convolution`.

    Returns:
        The bound: the maximum over the channels.

    Raises:
        TypeError: If the kernel's type is not a floating one of at most 64 bits.
        ValueError: If shapes, strides or padding do not fit together, or a weight is not finite.
    """
    weights = np.asarray(kernel)
    *sizes, channels, multiplier = weights.shape
    return convolution(
        weights.reshape(*sizes, 1, channels * multiplier),
        input_shape,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
        groups=channels,
        explicit_order=explicit_order,
    )
