"""A penalty on convolutions that are not orthogonal."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.regularizers.lorth2d import Lorth2D


@keras.saving.register_keras_serializable(package="lipbuild")
class LorthRegularizer(keras.regularizers.Regularizer):
    """`λ · Lorth2D(kernel)`: draws a convolution towards an orthogonal one. It proves nothing about its norm.

    Args:
        kernel_shape: `(k, k, C, M)` with k odd, or None to take the first kernel's.
        stride: The convolution's stride.
        lambda_lorth: The weight λ.
        dim: Must be 2.
        conv_transpose: Whether the kernel is a transposed convolution's.

    Raises:
        NotImplementedError: Dim is not 2.
        RuntimeError: No orthogonal convolution has this shape and stride.
    """

    def __init__(
        self,
        kernel_shape: Any = None,
        stride: int = 1,
        lambda_lorth: float = 1.0,
        dim: int = 2,
        conv_transpose: bool = False,
    ) -> None:
        if dim != 2:
            raise NotImplementedError(f"Lorth is for 2D convolutions. Received: dim={dim!r}")
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.lambda_lorth = lambda_lorth
        self.dim = dim
        self.conv_transpose = conv_transpose
        self.lorth = Lorth2D(kernel_shape, stride, conv_transpose)

    def set_kernel_shape(self, shape: Any) -> None:
        """Set the kernel's shape."""
        self.kernel_shape = shape
        self.lorth.set_kernel_shape(shape)

    def __call__(self, x: Any) -> Any:
        """The penalty, a scalar."""
        if self.kernel_shape is None:
            self.set_kernel_shape(tuple(x.shape))
        return self.lambda_lorth * self.lorth.compute_lorth(x)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "kernel_shape": self.kernel_shape,
            "stride": self.stride,
            "lambda_lorth": self.lambda_lorth,
            "dim": self.dim,
            "conv_transpose": self.conv_transpose,
        }
