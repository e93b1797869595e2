"""What the CPL residual blocks share."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.layers.aol_dense import bounded
from lipbuild.layers.exact_products import for_exact_products
from lipbuild.layers.residual_block import ResidualBlock
from lipbuild.normalizers.retraction import SAFETY


class CPL(ResidualBlock):
    """`k (x - 2 Vᵀ relu(V x + b))` with `V = W / ‖W‖` for an upper bound of the norm."""

    def _norm_bound(self, weight: Any) -> Any:
        """An upper bound of the norm of the map with this kernel, above 0 for one that is not 0."""
        raise NotImplementedError

    @property
    def kernel(self) -> Any:
        """V, of norm at most 1."""
        weight = bounded(for_exact_products(self.weight))
        present = ops.any(ops.not_equal(weight, 0.0))
        # The norm has no gradient at 0.
        safe = ops.where(present, weight, ops.ones_like(weight))
        return weight * (SAFETY / self._norm_bound(safe))

    def _kernels(self) -> tuple[Any, Any]:
        kernel = self.kernel
        return kernel, 2.0 * kernel
