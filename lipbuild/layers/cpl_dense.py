"""A convex potential residual block for vectors."""

from __future__ import annotations

import keras

from lipbuild.layers.cpl import CPL
from lipbuild.layers.residual_block import DenseBlock


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
        hidden_units: Rows of W; None takes the input's size.
        kernel_initializer: Initializer of W.
        bias_initializer: Initializer of b.
        kernel_regularizer: Regularizer of W.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Meunier et al., A dynamical system perspective for Lipschitz neural networks (ICML 2022).
    """
