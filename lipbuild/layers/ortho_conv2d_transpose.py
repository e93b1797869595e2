"""Orthogonal transposed 2D convolution."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.kernels.geometry import TransposedConvolution2D
from lipbuild.layers.kernels.orthogonal_convolution import OrthogonalConvolution


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoConv2DTranspose(TransposedConvolution2D, OrthogonalConvolution):
    """`y = activation(k K* x + b)`: the adjoint of an `OrthoConv2D` from `filters` channels to the input's.

    In place of `keras.layers.Conv2DTranspose`. An operator and its adjoint have the same singular values, so all that
    holds for `OrthoConv2D` holds here.

    The constant k is exact but for the border. Putting the kernel together costs what it does for `OrthoConv2D`.

    Args:
        filters: Number of output channels, a positive integer.
        kernel_size: One or two positive integers, at least as large as the strides.
        **kwargs: As in `OrthoConv2D`; padding must be "same", dilation_rate and groups 1.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As `keras.layers.Conv2DTranspose`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Boissin et al., An adaptive orthogonal convolution scheme for efficient and flexible CNN architectures (ICML
        2025), arXiv 2501.07930.
    """

    paddings = ("same", "valid")

    def __init__(self, filters: int, kernel_size: Any, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)

    def _check_adjoint(self, dilation_rate: Any) -> None:
        if self.padding != "same" or self.dilation_rate != (1, 1) or self.groups != 1:
            raise ValueError(
                "OrthoConv2DTranspose takes padding='same', no dilation and no groups. "
                f"Received: padding={self.padding!r}, dilation_rate={self.dilation_rate}, groups={self.groups}"
            )
