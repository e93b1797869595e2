"""Dense layer that is orthogonal by a block reflection."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.kernels.block_reflection import BlockReflection
from lipbuild.layers.kernels.geometry import Dense


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthoDense(Dense, BlockReflection):
    """`y = activation(k x W + b)` with `W` a block of the orthogonal matrix `I - 2 V (VᵀV + ε I)⁻¹ Vᵀ` (BRO).

    In place of `keras.layers.Dense`: orthogonal at every step and not only after condensing, with no constraint on V.
    It is applied implicitly, by two products with a matrix of half the size. For different numbers of inputs and units
    the larger is the size of the reflection: inputs are padded with zeros, or outputs cut. The constant k is exact up
    to the ridge ε, which is relative to V's mean singular value, squared (1e-6).

    A call costs a Gram matrix of half the size, its factorisation and a triangular solution: some `n³ / 2`
    multiply-adds, n being the larger of both sizes. An exported layer is a Dense and costs nothing more.

    Args:
        units: Size of the output, a positive integer.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias.
        kernel_initializer: Initializer of V.
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

    def __init__(self, units: int, kernel_initializer: Any = "glorot_normal", **kwargs: Any) -> None:
        super().__init__(units, kernel_initializer=kernel_initializer, **kwargs)
