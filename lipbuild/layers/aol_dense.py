"""Dense layer rescaled to be almost orthogonal."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.aol import AOL
from lipbuild.layers.kernels.geometry import Dense


@keras.saving.register_keras_serializable(package="lipbuild")
class AOLDense(Dense, AOL):
    """`y = activation(k x W D + b)` with the diagonal `D_ii = (Σ_j |WᵀW|_ij)^(-1/2)`, at most k-Lipschitz.

    In place of `keras.layers.Dense`: a bound for every W, at the cost of one Gram matrix. D scales W on its smaller
    side. The constant is exact only where W is orthogonal, from which it starts; the loss then draws it there.

    Args:
        units: Size of the output, a positive integer.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias.
        kernel_initializer: Initializer of W. Far from orthogonal, singular values start at .45 to .74.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of W.
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
        Prach & Lampert, Almost-orthogonal layers for efficient general-purpose Lipschitz networks (ECCV 2022).
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))
