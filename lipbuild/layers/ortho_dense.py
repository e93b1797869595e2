"""Dense layer that is orthogonal by a block reflection."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.kernels.block_reflection import BlockReflection
from lipbuild.layers.kernels.geometry import Dense


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoDense(Dense, BlockReflection):
    """`y = activation(k x W + b)` with `W` a block of the orthogonal matrix `I - 2 V (VᵀV)⁻¹ Vᵀ` (BRO).

    In place of `keras.layers.Dense`: of norm at most k for every V. For different numbers of inputs and units the
    larger is the size of the reflection: inputs are padded with zeros, or outputs cut.

    The columns of V are kept near to orthonormal, outside the gradient, so that a training step takes `I - 2 V Vᵀ`: two
    thin products forward and their gradients, as many multiply-adds as a Dense layer with as many inputs as units, and
    at most 1.8 times as many with fewer. Bringing the columns back costs `2 · max(n, m) · rank²` multiply-adds, once in
    up to eight updates of a large kernel. Outside training the constant rests on none of this: the columns are made
    orthonormal when the layer is applied. An exported layer is a Dense and costs nothing more.

    Args:
        units: Size of the output, a positive integer.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias.
        rank: Columns of V, at most the lesser of inputs and units. W differs from the identity by at most this rank:
            the fewer, the cheaper and the nearer to it. None takes all that change W: the lesser of inputs and units,
            but at most half the larger.
        kernel_initializer: Initializer of V, whose columns are made orthonormal.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of V.
        bias_regularizer: Regularizer of the bias.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Lai et al., Enhancing certified robustness via block reflector orthogonal layers and logit annealing loss
        (ICML 2025).
    """

    def __init__(
        self, units: int, kernel_initializer: Any = "glorot_normal", rank: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(units, kernel_initializer=kernel_initializer, rank=rank, **kwargs)
