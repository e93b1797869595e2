"""Dense layer rescaled to be almost orthogonal."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.effective_dense import EffectiveDense
from lipbuild.layers.exact_products import for_exact_products
from lipbuild.normalizers.retraction import gram
from lipbuild.normalizers.safety import DENSE_SAFETY


def inverse_root(x: Any) -> Any:
    """1/√x, and 0 where x is 0."""
    safe = ops.where(x > 0.0, x, ops.ones_like(x))
    return ops.where(x > 0.0, ops.rsqrt(safe), ops.zeros_like(x))


def bounded(w: Any) -> Any:
    """W over its largest entry where that is above 1, so that products of it cannot overflow."""
    return w / ops.stop_gradient(ops.maximum(ops.max(ops.abs(w)), 1.0))


@keras.saving.register_keras_serializable(package="lipbuild")
class AOLDense(EffectiveDense):
    """`y = activation(k x W D + b)` with the diagonal `D_ii = (Σ_j |WᵀW|_ij)^(-1/2)`, at most k-Lipschitz.

    In place of `keras.layers.Dense`: a bound for every W, at the cost of one Gram matrix. D scales W on its smaller
    side. The constant is exact only where W is orthogonal, from which it starts; the loss then draws it there.

    Args:
        units: size of the output, a positive integer.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of W. Far from orthogonal, singular values start at .45 to .74.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of W.
        bias_regularizer: regularizer of the bias.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Prach & Lampert, Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022).
    """

    def _add_kernel_weights(self, input_dim: int) -> None:
        self.weight = self._add_kernel_weight("weight", (input_dim, self.units))

    def effective_kernel(self) -> Any:
        """W D, or D W for more units than inputs."""
        w = bounded(for_exact_products(self.weight))
        d = DENSE_SAFETY * inverse_root(ops.sum(ops.abs(gram(w)), axis=0))
        return w * d if w.shape[0] >= w.shape[1] else w * ops.expand_dims(d, -1)
