"""A residual block for vectors."""

from __future__ import annotations

import keras

from lipbuild.layers.residual_block import DenseBlock
from lipbuild.layers.sll import SLL


@keras.saving.register_keras_serializable(package="lipbuild")
class SLLDense(SLL, DenseBlock):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`, `q = eᶿ` learned.

    A residual block that is k-Lipschitz for all weights, from the semidefinite bound of its two layers and ReLU
    together; no activation is needed after it. Its input's size is its output's. The constant is a bound.

    It costs the Gram matrix of W beside the block's own products; an exported block costs nothing more.

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
        Araujo et al., A unified algebraic perspective on Lipschitz neural networks (ICLR 2023).
    """
