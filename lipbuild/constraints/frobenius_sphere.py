"""Kernels of Frobenius norm 1, whole or column by column."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.retraction import kernel_dtype
from lipbuild.normalizers.safety import DENSE_SAFETY


class FrobeniusSphere(KernelManifold):
    """Kernels divided by their Frobenius norm, or each column of the reshaped kernel by its own.

    Args:
        columns: Whether each column (output) has norm 1 by itself, instead of the whole.
    """

    def __init__(self, columns: bool = False) -> None:
        self.columns = columns

    def retract(self, kernel: Any) -> Any:
        """Divide by the norm. Zero, which has no direction, stays zero."""
        dtype = kernel_dtype(kernel)
        # float64 as sums of millions of equal terms in float32 are off by more than the margin.
        w = ops.reshape(ops.cast(kernel, "float64"), (-1, kernel.shape[-1]))
        axis = 0 if self.columns else None
        largest = ops.max(ops.abs(w), axis=axis, keepdims=True)
        largest = ops.where(largest > 0.0, largest, ops.ones_like(largest))
        w = w / largest
        norm = ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))
        w = w * (DENSE_SAFETY / ops.where(norm > 0.0, norm, ops.ones_like(norm)))
        return ops.cast(ops.reshape(w, kernel.shape), dtype)

    def condense(self, kernel: Any) -> Any:
        """The same: dividing is exact at once."""
        return self.retract(kernel)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"columns": self.columns}
