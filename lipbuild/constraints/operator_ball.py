"""Convolutions of operator norm at most 1, as near to orthogonal operators as they can be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.operator_steps import OperatorSteps
from lipbuild.normalizers.retraction import kernel_dtype, working_dtype
from lipbuild.normalizers.safety import convolution_safety

_WIDEST = 128
"""Most channels with which projecting the gradient pays: its cost, a cube of the channels, is that of each step."""

_CHEAP = 2e6
"""Products of a step that is taken after every update."""

_WITHIN = 1.0 + 2.0**-22
"""A bound that is as good as 1: rounding to float32 makes more of it."""


class OperatorBall(KernelManifold):
    """Kernels whose convolution has norm at most 1 on every image, with the singular values of each near 1.

    `retract` makes them so by a cubic step and `condense` by division alone, both for certain: by an upper bound that
    is computed in float64. In a training the cubic step suffices, see `DeferredRetraction`.

    Args:
        kernel_size: Taps of each axis.
        strides: Of each axis.
        groups: The last axis is made of this many blocks, each of which is an operator by itself.
        grid: Whether the bound may take a grid of frequencies, see `OperatorSteps.norm_bound`.
    """

    retracts_within = False

    def __init__(
        self, kernel_size: Sequence[int], strides: Sequence[int], groups: int = 1, *, grid: bool = True
    ) -> None:
        self.kernel_size = tuple(kernel_size)
        self.strides = tuple(strides)
        self.groups = groups
        self.grid = grid
        self.steps = OperatorSteps(kernel_size, strides, groups)

    def retract(self, kernel: Any) -> Any:
        """A cubic step, then `condense`."""
        return self.condense(self.retract_and_measure(kernel)[0])

    def retract_and_measure(self, kernel: Any) -> tuple[Any, Any]:
        """A cubic step alone, which may leave a norm somewhat above 1; and how far from orthogonal the kernel was."""
        name = kernel_dtype(kernel)
        stepped, drift = self.steps.step(ops.cast(kernel, working_dtype(name)))
        return ops.cast(stepped, name), ops.cast(drift, "float32")

    def size(self, kernel_shape: Sequence[int]) -> int:
        """The squared Frobenius norm of an orthogonal kernel."""
        return self.steps.rank(kernel_shape)

    def is_cheap(self, kernel_shape: Sequence[int]) -> bool:
        """Where the frequencies and the channels are few."""
        frequencies = math.prod(2 * n - 1 for n in self.steps.shifts) / 2
        rank = self._channels(kernel_shape)
        size = math.prod(self.strides) * math.prod(kernel_shape[-2:])
        return 8 * frequencies * size * rank <= _CHEAP

    def condense(self, kernel: Any) -> Any:
        """The kernel over the bound of its norm, where that is above 1."""
        return ops.cast(self.within(ops.cast(kernel, "float64")), kernel_dtype(kernel))

    settle = condense

    def bound(self, kernel: Any) -> float:
        """At least the norm of a kernel's operator."""
        return float(self.steps.norm_bound(kernel, grid=self.grid))

    def within(self, kernel: Any) -> Any:
        """The same in float64, with room for one rounding to float32."""
        bound = self.steps.norm_bound(kernel, grid=self.grid)
        safety = convolution_safety(self.kernel_size, self.strides, self._channels(kernel.shape))
        # NaN compares false and stays.
        return ops.where(bound <= safety * _WITHIN, kernel, kernel * (safety / bound))

    def _channels(self, shape: Sequence[int]) -> int:
        return min(math.prod(self.strides) * shape[-2], shape[-1] // self.groups)

    def projects(self, kernel: Any) -> bool:
        """Where there are not too many channels."""
        return self._channels(kernel.shape) <= _WIDEST

    def tangent(self, kernel: Any, gradient: Any) -> Any:
        """The part of the gradient along the orthogonal operators."""
        name = kernel_dtype(kernel)
        dtype = "float64" if name == "float64" else "float32"
        along = self.steps.tangent(ops.cast(kernel, dtype), ops.cast(gradient, dtype))
        return ops.cast(along, name)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "groups": self.groups,
            "grid": self.grid,
        }
