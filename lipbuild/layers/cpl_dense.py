"""A convex potential residual block for vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.cpl import CPL
from lipbuild.layers.dense_block import DenseBlock
from lipbuild.normalizers.retraction import norm_upper_bound

_SQUARINGS = 4


@keras.saving.register_keras_serializable(package="lipbuild")
class CPLDense(CPL, DenseBlock):
    """`k (x - 2 Vᵀ relu(V x + b))` with `V = W / ‖W‖` (a convex potential layer).

    A step down the gradient of a convex function of smoothness 2, which does not expand: a residual block that is
    k-Lipschitz for all weights; no activation is needed after it. Its input's size is its output's. In place of ‖W‖
    stands an upper bound that takes no start vector and no convergence: it exceeds the norm by a factor of at most
    `r^(1/64)`, r the smaller side of W, and by none for orthogonal W and those of rank 1. The constant is a bound,
    and exact where a direction is left that V does not see: for `hidden_units` below the input's size, always.

    A step costs five products of size r and their gradients beside the block's own products.

    Args:
        hidden_units: rows of W; None takes the input's size.
        kernel_initializer: initializer of W.
        bias_initializer: initializer of b.
        kernel_regularizer: regularizer of W.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Meunier et al., A dynamical system perspective for Lipschitz neural networks (ICML 2022).
    """

    def _norm_bound(self, weight: Any) -> Any:
        return ops.max(norm_upper_bound(weight, _SQUARINGS))
