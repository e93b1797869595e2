"""Muon along the manifold of orthogonal kernels."""

from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold
from lipbuild.normalizers.retraction import gram, multiply
from lipbuild.training.riemannian_adam import RiemannianAdam

# Of the iteration whose limit is near the orthogonal factor of a matrix (Jordan et al. 2024).
_STEPS, _COEFFICIENTS = 5, (3.4445, -4.7750, 2.0315)


class RiemannianMuon(RiemannianAdam):
    """Muon whose steps of orthogonal kernels lead along their manifold; other weights are updated as by Adam.

    Of a kernel that a manifold holds, a running sum of the gradients along the manifold is made orthogonal, all its
    singular values about 1, so that a step turns each direction by about `turn` times the learning rate. The kernel
    follows it by the exponential of `RiemannianAdam`.

    Args:
        momentum: The share of the sum that stays in a step.
        turn: What the learning rate is multiplied by for such kernels.
        **kwargs: As in `RiemannianAdam`.

    Reference:
        Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024).
    """

    def __init__(self, *, momentum: float = 0.9, turn: float = 3.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.turn = turn

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "momentum": self.momentum, "turn": self.turn}

    def update_kernel(
        self, manifold: KernelManifold, kernel: Any, gradient: Any, variable: Any, learning_rate: Any
    ) -> Any:
        """The kernel after a step."""
        kept = self._momentums[self._get_variable_index(variable)]
        summed = self.momentum * ops.convert_to_tensor(kept) + gradient
        self.assign(kept, summed)
        ahead = gradient + self.momentum * summed
        rate = self.turn * ops.cast(learning_rate, kernel.dtype)
        return manifold.follow(kernel, -rate * orthogonal_factor(ahead))


def orthogonal_factor(matrix: Any) -> Any:
    """About the orthogonal factor of a matrix, or of each in a stack; of a convolution's kernel as one matrix."""
    if len(matrix.shape) > 3:
        return ops.reshape(orthogonal_factor(ops.reshape(matrix, (-1, matrix.shape[-1]))), matrix.shape)
    first, third, fifth = _COEFFICIENTS
    x = matrix / (ops.sqrt(ops.sum(ops.square(matrix), axis=(-2, -1), keepdims=True)) + 1e-12)
    for _ in range(_STEPS):
        g = gram(x)
        x = first * x + multiply(x, third * g + fifth * ops.matmul(g, g))
    return x
