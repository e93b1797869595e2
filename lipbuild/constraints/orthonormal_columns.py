"""Matrices with orthogonal columns of one norm, of which only the span counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.exponential import exponential_step
from lipbuild.normalizers.orthonormal_columns import orthonormal_columns
from lipbuild.normalizers.retraction import kernel_dtype, orthonormal_step, working_dtype


class OrthonormalColumns(KernelManifold):
    """Matrices `(size, n)`, n at most size, whose columns over their norm are orthonormal, as near as float32 is.

    Both ways back leave the span as it is.

    Args:
        norm: The norm of each column, above 0.
    """

    def __init__(self, norm: float = 1.0) -> None:
        self.norm = norm

    def retract(self, kernel: Any) -> Any:
        """One cubic step, two more where the matrix is far away."""
        return self.retract_and_measure(kernel)[0]

    def retract_and_measure(self, kernel: Any) -> tuple[Any, Any]:
        """What `retract` returns, and how far from orthonormal the columns were over their norm."""
        name = kernel_dtype(kernel)
        stepped, drift = orthonormal_step(ops.cast(kernel, working_dtype(name)) / self.norm)
        return ops.cast(stepped * self.norm, name), ops.cast(drift, "float32")

    def settle(self, kernel: Any) -> Any:
        """What `condense` returns, which is little more after a few updates."""
        return self.condense(kernel)

    def condense(self, kernel: Any) -> Any:
        """As many steps as it takes, or a factorisation."""
        name = kernel_dtype(kernel)
        columns = orthonormal_columns(ops.cast(kernel, working_dtype(name)) / self.norm)
        return ops.cast(columns * self.norm, name)

    def follow(self, kernel: Any, step: Any) -> Any:
        """The matrix, moved along those with orthonormal columns, see `lipbuild.normalizers.exponential`."""
        name = kernel_dtype(kernel)
        w, d = (ops.cast(x, working_dtype(name)) / self.norm for x in (kernel, step))
        return ops.cast(exponential_step(w, d) * self.norm, name)

    def size(self, kernel_shape: Sequence[int]) -> float:
        """The squared Frobenius norm of such a matrix."""
        return self.norm**2 * kernel_shape[-1]

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return {"norm": self.norm}
