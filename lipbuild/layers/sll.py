"""What the SLL residual blocks share."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.layers.exact_products import for_exact_products
from lipbuild.layers.kernels.aol import bounded
from lipbuild.layers.kernels.autocorrelation import autocorrelation
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.residual_block import ResidualBlock
from lipbuild.normalizers.retraction import SAFETY


def _absolute_gram(weight: Any) -> Any:
    """`Σ |W Wᵀ|` for each pair of hidden channels, over all shifts of a convolution's; shape (hidden, hidden)."""
    if len(weight.shape) == 2:
        return ops.abs(ops.matmul(ops.transpose(weight), weight))
    correlation = autocorrelation(weight, of_outputs=True)
    return ops.sum(ops.abs(correlation), axis=tuple(range(1, len(correlation.shape) - 1)))


class SLL(ResidualBlock):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`."""

    def _add_scales(self, hidden: int) -> None:
        self.scales = kernel_weight(self, "scales", (hidden,), "zeros")

    def _kernels(self) -> tuple[Any, Any]:
        weight = bounded(for_exact_products(self.weight))
        # q = eᶿ, and only ratios count: less its largest θ it cannot overflow, and its floor keeps 1/q finite.
        theta = for_exact_products(self.scales)
        q = ops.exp(ops.maximum(theta - ops.max(theta), -20.0))
        sums = ops.matmul(_absolute_gram(weight), ops.expand_dims(q, -1))[:, 0] / q
        t = ops.where(
            sums > 0.0, 1.0 / ops.where(sums > 0.0, sums, ops.ones_like(sums)), ops.zeros_like(sums)
        )
        return weight, weight * (2.0 * SAFETY * t)
