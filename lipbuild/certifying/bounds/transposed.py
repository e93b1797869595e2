"""A proved Lipschitz constant of a transposed convolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import EXPLICIT_ORDER, convolution


def transposed(
    kernel: np.ndarray,
    output_shape: Sequence[int] | None,
    *,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    dilation_rate: int | Sequence[int] = 1,
    explicit_order: int = EXPLICIT_ORDER,
) -> Bound:
    """Bound a transposed convolution: the adjoint of the convolution from its outputs to its inputs.

    An operator and its adjoint have the same norm.

    Args:
        kernel: (k_1, …, k_d, outputs, inputs), Keras's layout of `Conv2DTranspose`.
        output_shape: The d spatial lengths of the **output**, or None where they are not known.
        strides: One for each axis or one for all.
        padding: `valid` or `same`.
        dilation_rate: One for each axis or one for all.
        explicit_order: See `convolution`.

    Returns:
        The bound.

    Raises:
        TypeError: If the kernel's type is not a floating one of at most 64 bits.
        ValueError: If shapes, strides or padding do not fit together, or a weight is not finite.
    """
    return convolution(
        kernel,
        output_shape,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
        explicit_order=explicit_order,
    )
