"""What the CPL residual blocks share."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.layers.exact_products import for_exact_products
from lipbuild.layers.kernels.aol import bounded
from lipbuild.layers.residual_block import ResidualBlock
from lipbuild.normalizers.conv_norm_bound import conv_norm_upper_bound
from lipbuild.normalizers.retraction import SAFETY, norm_upper_bound

_SQUARINGS = 4


def _norm_bound(weight: Any) -> Any:
    """An upper bound of the norm of the map with this kernel, above 0 for one that is not 0."""
    if len(weight.shape) == 2:
        return ops.max(norm_upper_bound(weight, _SQUARINGS))
    return conv_norm_upper_bound(weight)


class CPL(ResidualBlock):
    """`k (x - 2 Vᵀ relu(V x + b))` with `V = W / ‖W‖` for an upper bound of the norm."""

    @property
    def kernel(self) -> Any:
        """V, of norm at most 1."""
        weight = bounded(for_exact_products(self.weight))
        present = ops.any(ops.not_equal(weight, 0.0))
        # The norm has no gradient at 0.
        safe = ops.where(present, weight, ops.ones_like(weight))
        return weight * (SAFETY / _norm_bound(safe))

    def _kernels(self) -> tuple[Any, Any]:
        kernel = self.kernel
        return kernel, 2.0 * kernel
