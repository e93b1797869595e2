"""What the SLL residual blocks share."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.layers.aol_dense import bounded
from lipbuild.layers.exact_products import for_exact_products
from lipbuild.layers.residual_block import ResidualBlock
from lipbuild.normalizers.retraction import SAFETY


class SLL(ResidualBlock):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`."""

    def _add_scales(self, hidden: int) -> None:
        self.scales = self._add_free_weight("scales", (hidden,), "zeros")

    def _absolute_gram(self, weight: Any) -> Any:
        """`Σ |W Wᵀ|` for each pair of hidden channels, shape (hidden, hidden)."""
        raise NotImplementedError

    def _kernels(self) -> tuple[Any, Any]:
        weight = bounded(for_exact_products(self.weight))
        # q = eᶿ, and only ratios count: less its largest θ it cannot overflow, and its floor keeps 1/q finite.
        theta = for_exact_products(self.scales)
        q = ops.exp(ops.maximum(theta - ops.max(theta), -20.0))
        sums = ops.matmul(self._absolute_gram(weight), ops.expand_dims(q, -1))[:, 0] / q
        t = ops.where(
            sums > 0.0, 1.0 / ops.where(sums > 0.0, sums, ops.ones_like(sums)), ops.zeros_like(sums)
        )
        return weight, weight * (2.0 * SAFETY * t)
