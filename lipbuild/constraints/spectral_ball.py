"""Kernels of spectral norm at most 1, as near to orthogonal as they can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.defaults import (
    DEFAULT_BETA_BJORCK,
    DEFAULT_EPS_BJORCK,
    DEFAULT_EPS_SPECTRAL,
    DEFAULT_MAXITER_BJORCK,
    DEFAULT_MAXITER_SPECTRAL,
    check_normalizer_settings,
)
from lipbuild.normalizers.exponential import exponential_step
from lipbuild.normalizers.retraction import (
    kernel_dtype,
    orthogonalize,
    retract,
    retract_and_measure,
    scale_down,
    squarings_for,
    working_dtype,
)
from lipbuild.normalizers.tangent import WIDEST, project

_SQUARINGS_PER_UPDATE = 4


class SpectralBall(KernelManifold):
    """Kernels whose reshaped form `(rows, last axis)` has spectral norm at most 1 and is orthogonalised.

    Args:
        groups: The last axis is made of this many blocks, each of which is constrained by itself.
        eps_spectral: Relative excess of the norm bound where kernels are only scaled.
        eps_bjorck: Tolerance of the orthogonalisation; None only scales the norm down to 1.
        beta_bjorck: Step of the orthogonalisation; None only scales.
        maxiter_spectral: Most squarings in the norm bound.
        maxiter_bjorck: Most orthogonalisation steps.
    """

    def __init__(
        self,
        groups: int = 1,
        eps_spectral: float = DEFAULT_EPS_SPECTRAL,
        eps_bjorck: float | None = DEFAULT_EPS_BJORCK,
        beta_bjorck: float | None = DEFAULT_BETA_BJORCK,
        maxiter_spectral: int = DEFAULT_MAXITER_SPECTRAL,
        maxiter_bjorck: int = DEFAULT_MAXITER_BJORCK,
    ) -> None:
        check_normalizer_settings(eps_spectral, eps_bjorck, beta_bjorck, maxiter_spectral, maxiter_bjorck)
        self.groups = groups
        self.eps_spectral = eps_spectral
        self.eps_bjorck = eps_bjorck
        self.beta_bjorck = beta_bjorck
        self.maxiter_spectral = maxiter_spectral
        self.maxiter_bjorck = maxiter_bjorck

    @property
    def orthogonal(self) -> bool:
        """Whether kernels are orthogonalised, or only scaled."""
        return self.eps_bjorck is not None and self.beta_bjorck is not None

    def retract(self, kernel: Any) -> Any:
        """A few products outside the gradient, see `lipbuild.normalizers.retraction.retract`."""
        if self.orthogonal:
            return self._on_matrices(kernel, retract)
        return self._on_matrices(kernel, lambda w: scale_down(w, self._squarings(w, _SQUARINGS_PER_UPDATE)))

    def retract_and_measure(self, kernel: Any) -> tuple[Any, Any]:
        """What `retract` returns, and how far from orthogonal the kernel was; 0 where it is only scaled."""
        if not self.orthogonal:
            return self.retract(kernel), ops.zeros((), "float32")
        drift: list[Any] = []

        def retract_one(w: Any) -> Any:
            retracted, measured = retract_and_measure(w)
            drift.append(ops.cast(measured, "float32"))
            return retracted

        return self._on_matrices(kernel, retract_one), drift[0]

    def projects(self, kernel: Any) -> bool:
        """Where the kernel is orthogonalised and its smaller side is not too long."""
        columns = kernel.shape[-1] // self.groups
        rows = math.prod(kernel.shape[:-1])
        return self.orthogonal and min(rows, columns) <= WIDEST

    def tangent(self, kernel: Any, gradient: Any) -> Any:
        """The part of the gradient along the orthogonal matrices, see `lipbuild.normalizers.tangent`."""
        return self._on_matrices(kernel, project, gradient, exact=False)

    def follow(self, kernel: Any, step: Any) -> Any:
        """The kernel, moved along the orthogonal matrices, see `lipbuild.normalizers.exponential`."""
        if not self.orthogonal:
            return kernel + step
        return self._on_matrices(kernel, exponential_step, step, exact=False)

    def condense(self, kernel: Any) -> Any:
        """Orthogonalise to the tolerance, or scale the norm down to 1 within it."""
        if self.eps_bjorck is None or self.beta_bjorck is None:
            return self._on_matrices(
                kernel, lambda w: scale_down(w, self._squarings(w, self.maxiter_spectral))
            )
        eps, beta = self.eps_bjorck, self.beta_bjorck
        return self._on_matrices(kernel, lambda w: orthogonalize(w, eps, self.maxiter_bjorck, beta))

    def _squarings(self, w: Any, most: int) -> int:
        return squarings_for(self.eps_spectral, min(self.maxiter_spectral, most), min(w.shape[-2:]))

    def _on_matrices(
        self, kernel: Any, function: Callable[..., Any], *others: Any, exact: bool = True
    ) -> Any:
        """`function` of the kernel (and others of its shape) as matrices, one a group, back in its shape."""
        shape, name = kernel.shape, kernel_dtype(kernel)
        dtype = working_dtype(name) if exact else "float64" if name == "float64" else "float32"
        result = function(*(self._matrices(x, dtype) for x in (kernel, *others)))
        if self.groups > 1:
            result = ops.transpose(result, (1, 0, 2))
        return ops.cast(ops.reshape(result, shape), name)

    def _matrices(self, kernel: Any, dtype: str) -> Any:
        w = ops.cast(kernel, dtype)
        if self.groups == 1:
            return ops.reshape(w, (-1, kernel.shape[-1]))
        return ops.transpose(ops.reshape(w, (-1, self.groups, kernel.shape[-1] // self.groups)), (1, 0, 2))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "groups": self.groups,
            "eps_spectral": self.eps_spectral,
            "eps_bjorck": self.eps_bjorck,
            "beta_bjorck": self.beta_bjorck,
            "maxiter_spectral": self.maxiter_spectral,
            "maxiter_bjorck": self.maxiter_bjorck,
        }
