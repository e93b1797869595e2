"""Matrices that are orthogonal by a block reflection (BRO)."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.layers.kernels.aol import bounded
from lipbuild.layers.kernels.computed_kernel import ComputedKernel
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.normalizers.safety import DENSE_SAFETY

_RIDGE = 1e-6


def block_reflection(v: Any) -> Any:
    """Q with `I - 2 QᵀQ` the block reflection at the columns of v: orthonormal rows spanning them, up to the ridge.

    `Q = L⁻¹Vᵀ` with `LLᵀ = VᵀV + ε tr(VᵀV)/n I`, so that QᵀQ has its eigenvalues in [0, 1) whatever V is. In float64,
    since the ridge alone keeps the factorisation well-posed.

    Args:
        v: Shape (size, n).

    Returns:
        Q, shape (n, size), in float64.
    """
    v = bounded(ops.cast(v, "float64"))
    # A factorisation of what is not a number raises an error of its own; NaN is to stay NaN instead.
    finite = ops.all(ops.isfinite(v))
    v = ops.where(finite, v, ops.ones_like(v))
    n = v.shape[-1]
    g = ops.matmul(ops.transpose(v), v)
    # Normalised, so that the ridge is relative; the smallest addend is for V = 0.
    size = ops.maximum(ops.trace(g) / n, 1e-30)
    factor = ops.cholesky(g / size + _RIDGE * ops.eye(n, dtype="float64"))
    q = ops.solve_triangular(factor, ops.transpose(v) / ops.sqrt(size), lower=True)
    return ops.where(finite, q, ops.full_like(q, float("nan")))


class BlockReflection(ComputedKernel):
    """A block `(input_dim, units)` of the orthogonal matrix `I - 2 V (VᵀV + ε I)⁻¹ Vᵀ`, for a dense geometry."""

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        self.input_dim, outputs = shape
        size = max(self.input_dim, outputs)
        self.vectors = kernel_weight(
            self,
            "vectors",
            (size, max(1, size // 2)),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )

    def _reflection(self) -> Any:
        return block_reflection(ops.convert_to_tensor(self.vectors))

    def effective_kernel(self) -> Any:
        """The block of the reflection, explicitly, in float64."""
        q = self._reflection()
        identity = ops.eye(self.input_dim, self.units, dtype=q.dtype)
        return DENSE_SAFETY * (
            identity - 2.0 * ops.matmul(ops.transpose(q[:, : self.input_dim]), q[:, : self.units])
        )

    def _map(self, inputs: Any) -> Any:
        """The reflection, implicitly."""
        q = ops.cast(self._reflection(), self.compute_dtype)
        reflected = ops.matmul(ops.matmul(inputs, ops.transpose(q[:, : self.input_dim])), q[:, : self.units])
        extra = self.units - self.input_dim
        if extra > 0:
            inputs = ops.pad(inputs, [(0, 0)] * (len(inputs.shape) - 1) + [(0, extra)])
        return self.k_coef_lip * DENSE_SAFETY * (inputs[..., : self.units] - 2.0 * reflected)
