"""Kernels of Frobenius norm 1."""

from __future__ import annotations

from lipbuild.constraints.frobenius_sphere import FrobeniusSphere
from lipbuild.layers.kernels.constrained_kernel import ConstrainedKernel


class Frobenius(ConstrainedKernel):
    """A kernel divided by its Frobenius norm, which is at least its norm as a matrix."""

    def _manifold(self) -> FrobeniusSphere:
        return FrobeniusSphere()
