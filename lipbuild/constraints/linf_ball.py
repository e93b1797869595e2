"""Kernels whose outputs move by no more than the inputs do, in the greatest norm."""

from __future__ import annotations

from typing import Any, Literal

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.retraction import kernel_dtype
from lipbuild.normalizers.safety import DENSE_SAFETY


class LInfBall(KernelManifold):
    """Kernels W of norm at most 1 from a norm of the inputs to the greatest of the outputs.

    Args:
        input_norm: `linf`: Σ_i |W_ij| ≤ 1 for each output j; `l1`: |W_ij| ≤ 1 for each weight.
    """

    def __init__(self, input_norm: Literal["linf", "l1"] = "linf") -> None:
        self.input_norm = input_norm

    def retract(self, kernel: Any) -> Any:
        """Divide what is too large by its norm, or cut it off; a kernel inside stays as it is."""
        w = ops.cast(kernel, "float64")
        if self.input_norm == "l1":
            w = ops.clip(w, -DENSE_SAFETY, DENSE_SAFETY)
        else:
            # Of weights near the largest number the sum has to be finite.
            largest = ops.max(ops.abs(w), axis=0, keepdims=True)
            shrunk = w / ops.maximum(largest, 1.0)
            norm = ops.sum(ops.abs(shrunk), axis=0, keepdims=True)
            limit = DENSE_SAFETY / ops.maximum(largest, 1.0)
            w = ops.where(norm > limit, shrunk * (DENSE_SAFETY / ops.maximum(norm, 1e-300)), w)
        return ops.cast(w, kernel_dtype(kernel))

    def condense(self, kernel: Any) -> Any:
        """The same: it is exact at once."""
        return self.retract(kernel)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"input_norm": self.input_norm}
