"""Convolutions whose reshaped kernel has all singular values at 1, or whose operator has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.constraints.operator_ball import OperatorBall
from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.exact_products import in_float64
from lipbuild.layers.kernels.spectral import Spectral

NORMS = ("kernel", "operator")

_CUBIC_STEPS = 20
"""Of a kernel that is to become orthogonal: each lifts a small singular value by a half of itself."""

_GRID_COST = 1e10
"""Frequencies · order³ up to which `certifying` bounds a convolution by a grid, so that a bound by one is of use."""


class CentralWindow(keras.initializers.Initializer):
    """A kernel that is zero but for a window of the strides' size in its middle, which is orthogonal as a matrix.

    Such windows do not overlap, so that the convolution is orthogonal too.

    Args:
        initializer: Makes the window, which is then orthogonalised.
        strides: The window's size.
        ball: What orthogonalises it.
    """

    def __init__(self, initializer: Any, strides: Sequence[int], ball: SpectralBall) -> None:
        self.initializer = initializer
        self.strides = tuple(strides)
        self.ball = ball

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """The kernel, shape (*kernel_size, inputs / groups, outputs)."""
        *sizes, inputs, outputs = shape
        window = [min(k, s) for k, s in zip(sizes, self.strides, strict=True)]
        kernel = self.ball.condense(
            ops.convert_to_tensor(self.initializer((*window, inputs, outputs), dtype=dtype), dtype=dtype)
        )
        # A kernel of even size has its centre after the middle, as "same" padding has it.
        before = [
            k // 2 if s == 1 else (k - w) // 2 for k, w, s in zip(sizes, window, self.strides, strict=True)
        ]
        padding = [(b, k - w - b) for b, k, w in zip(before, sizes, window, strict=True)]
        return ops.pad(kernel, [*padding, (0, 0), (0, 0)])


class SpectralConvolution(Spectral):
    """A kernel that is orthogonal as a matrix, or one whose convolution is nearly orthogonal as an operator.

    With `norm="kernel"` the reshaped kernel is on its manifold and divided by the root of the most patches that a pixel
    is in. With `norm="operator"` the kernel itself has an operator norm of at most 1 on images of all sizes, by an
    upper bound, and is applied as it is; a cubic step after each update keeps the operator near to orthogonal.
    """

    # The geometry's.
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    lengths: tuple[int | None, ...]

    def __init__(self, *, norm: str = "kernel", **kwargs: Any) -> None:
        if norm not in NORMS:
            raise ValueError(f"norm must be one of {', '.join(NORMS)}. Received: norm={norm!r}")
        super().__init__(**kwargs)
        self.norm = norm
        if self.by_operator and (self.eps_bjorck is None or self.beta_bjorck is None):
            raise ValueError(
                "norm='operator' keeps the convolution near to orthogonal, which eps_bjorck=None leaves out. "
                f"Received: eps_bjorck={self.eps_bjorck}, beta_bjorck={self.beta_bjorck}"
            )

    @property
    def by_operator(self) -> bool:
        """Whether the norm that is held is the operator's."""
        return self.norm == "operator"

    def _grid_is_proved(self, shape: tuple[int, ...]) -> bool:
        """Whether the kernel's norm is proved by a grid of frequencies too, so that a bound by one is of use."""
        order = 2 * min(math.prod(self.strides) * shape[-2], shape[-1] // self.groups)
        points = 1
        sizes = zip(self.lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        for length, taps, stride, dilation in sizes:
            if length is None:
                points *= 6 * (math.ceil(taps / stride) - 1) or 1
            else:
                points *= math.ceil(length / stride) + math.ceil(((taps - 1) * dilation + 1) / stride)
        return points / 2 * self.groups * order**3 <= _GRID_COST

    def _manifold(self) -> KernelManifold:
        return self._operators if self.by_operator else super()._manifold()

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        if self.by_operator:
            grid = self._grid_is_proved(shape)
            self._operators = OperatorBall(self.kernel_size, self.strides, self.groups, grid=grid)
        super()._add_kernel(shape)

    def _first_kernel(self) -> Any:
        if not self.by_operator:
            return super()._first_kernel()
        ball = super()._manifold()
        return CentralWindow(self.kernel_initializer, self.strides, ball)

    def _retraction_shows(self, kernel_shape: tuple[int, ...]) -> bool:
        return self.by_operator or super()._retraction_shows(kernel_shape)

    def orthogonalise(self, kernel: Any) -> None:
        """Take a kernel near to another one whose operator has its singular values near 1."""
        if self.by_operator:
            for _ in range(_CUBIC_STEPS):
                kernel, _ = self._operators.retract_and_measure(kernel)
        super().orthogonalise(kernel)

    def operator_sizes(self, kernel: Any) -> tuple[float, float]:
        """The root mean square of the singular values of a kernel's operator, and an upper bound of them."""
        kernel = ops.convert_to_tensor(kernel, "float64")
        rank = self._operators.size(kernel.shape)
        return math.sqrt(float(ops.sum(ops.square(kernel))) / rank), self._operators.bound(kernel)

    @property
    def factor(self) -> float:
        """What the kernel is multiplied by: 1 where it has the operator's norm."""
        return 1.0 if self.by_operator else super().factor

    def _exact_kernel(self) -> Any:
        if not self.by_operator:
            return super()._exact_kernel()
        return self._operators.within(in_float64(self.kernel)) * self.scale

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "norm": self.norm}
