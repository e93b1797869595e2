"""A residual block for vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.dense_block import DenseBlock
from lipbuild.layers.sll import SLL


@keras.saving.register_keras_serializable(package="lipbuild")
class SLLDense(SLL, DenseBlock):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`, `q = eᶿ` learned.

    A residual block that is k-Lipschitz for all weights, from the semidefinite bound of its two layers and ReLU
    together; no activation is needed after it. Its input's size is its output's. The constant is a bound.

    It costs the Gram matrix of W beside the block's own products; an exported block costs nothing more.

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
        Araujo et al., A unified algebraic perspective on Lipschitz neural networks (ICLR 2023).
    """

    def _absolute_gram(self, weight: Any) -> Any:
        return ops.abs(ops.matmul(ops.transpose(weight), weight))
