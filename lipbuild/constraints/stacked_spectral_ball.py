"""Stacks of matrices of spectral norm at most 1."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.defaults import DEFAULT_EPS_BJORCK
from lipbuild.normalizers.exponential import exponential_step
from lipbuild.normalizers.retraction import kernel_dtype, orthogonalize, retract, working_dtype
from lipbuild.normalizers.tangent import project

_CONDENSING_STEPS = 40


class StackedSpectralBall(KernelManifold):
    """Weights of shape `(n, rows, columns)`: each of the n matrices orthogonal, as near as float32 is.

    They are factors of a kernel that keeps off its constant itself. A margin of their own would make each of them less
    orthogonal, and the kernel another one than that of factors that are orthogonal in float64.
    """

    def retract(self, kernel: Any) -> Any:
        """A few products outside the gradient, see `lipbuild.normalizers.retraction.retract`."""
        name = kernel_dtype(kernel)
        return ops.cast(retract(ops.cast(kernel, working_dtype(name)), safe=False), name)

    def condense(self, kernel: Any) -> Any:
        """Orthogonalise each matrix."""
        name = kernel_dtype(kernel)
        w = ops.cast(kernel, working_dtype(name))
        return ops.cast(orthogonalize(w, DEFAULT_EPS_BJORCK, _CONDENSING_STEPS, safe=False), name)

    def projects(self, kernel: Any) -> bool:
        """Always: these matrices are as small as the number of channels."""
        return True

    def tangent(self, kernel: Any, gradient: Any) -> Any:
        """The part of the gradient along the orthogonal matrices, see `lipbuild.normalizers.tangent`."""
        return project(kernel, gradient)

    def follow(self, kernel: Any, step: Any) -> Any:
        """The matrices, moved along the orthogonal ones, see `lipbuild.normalizers.exponential`."""
        return exponential_step(kernel, step)
