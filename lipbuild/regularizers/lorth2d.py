"""How far a 2D convolution is from orthogonal."""

from __future__ import annotations

import warnings
from typing import Any

from keras import ops


class Lorth2D:
    """`‖conv(K, K) - identity‖² - max(0, δ)`, which is 0 for orthogonal convolutions (with circular padding).

    conv(K, K) is the kernel's autocorrelation at multiples of the stride. δ = M - s² C (C input, M output
    channels; the other way round for a transposed convolution) is what remains where the operator has more
    outputs than inputs.

    Args:
        kernel_shape: `(k, k, C, M)` with k odd, or None to set it later.
        stride: The stride s of the convolution.
        conv_transpose: Whether the kernel is a transposed convolution's.

    Raises:
        RuntimeError: No orthogonal convolution has this shape and stride.
        AssertionError: The kernel's size is even.

    Reference:
        Achour, Malgouyres & Mamalet, Existence, stability and scalability of orthogonal convolutional neural
        networks (JMLR 2022); Wang et al., Orthogonal convolutional neural networks (CVPR 2020).
    """

    dim = 2

    def __init__(self, kernel_shape: Any = None, stride: int = 1, conv_transpose: bool = False) -> None:
        self.stride = stride
        self.conv_transpose = conv_transpose
        self.set_kernel_shape(kernel_shape)

    def set_kernel_shape(self, shape: Any) -> None:
        """Set the kernel's shape, and what follows from it: `padding` and `delta`."""
        self.kernel_shape = shape
        self.padding: int | None = None
        self.delta: int | None = None
        if shape is None:
            return
        size, channels_in, channels_out = shape[0], shape[-2], shape[-1]
        if size % 2 == 0:
            raise AssertionError(f"Lorth needs a kernel of odd size. Received: kernel_shape={tuple(shape)}")
        stride = self.stride
        self.padding = (size - 1) // stride * stride
        seen = stride**self.dim * channels_in
        self._check_existence(size, channels_in, channels_out, seen)
        if self.conv_transpose:
            self.delta = max(0, channels_in - stride**self.dim * channels_out)
        else:
            self.delta = max(0, channels_out - seen)

    def _check_existence(self, size: int, channels_in: int, channels_out: int, seen: int) -> None:
        received = f"Received: kernel_shape={tuple(self.kernel_shape)}, stride={self.stride}"
        if seen >= channels_out and channels_out > channels_in * size**self.dim:
            raise RuntimeError(
                f"A convolution with this many outputs cannot have orthogonal rows. {received}"
            )
        if seen < channels_out and self.stride > size:
            raise RuntimeError(f"A stride above the kernel's size skips pixels. {received}")
        if seen == channels_out:
            warnings.warn(
                f"As many outputs as inputs: Lorth is hard to optimise there. {received}", stacklevel=4
            )

    def compute_lorth(self, w: Any) -> Any:
        """The distance of a kernel `(k, k, C, M)`, a scalar."""
        w = ops.convert_to_tensor(w)
        pad = self.padding
        images = ops.pad(ops.transpose(w, (3, 0, 1, 2)), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        found = ops.conv(images, w, strides=self.stride, padding="valid", data_format="channels_last")
        outputs = w.shape[-1]
        height, width = found.shape[1], found.shape[2]
        centre = ops.reshape(
            ops.one_hot(height // 2 * width + width // 2, height * width), (1, height, width, 1)
        )
        identity = ops.reshape(ops.eye(outputs, dtype=found.dtype), (outputs, 1, 1, outputs))
        return ops.sum(ops.square(found - identity * ops.cast(centre, found.dtype))) - self.delta
