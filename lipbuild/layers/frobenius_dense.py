"""Dense layer with a kernel of Frobenius norm 1."""

from __future__ import annotations

import math
from typing import Any

import keras

from lipbuild.constraints.frobenius_sphere import FrobeniusSphere
from lipbuild.layers.arguments import arguments_of
from lipbuild.layers.kernels.frobenius import Frobenius
from lipbuild.layers.kernels.geometry import Dense


@keras.saving.register_keras_serializable(package="lipbuild")
class FrobeniusDense(Dense, Frobenius):
    """`y = activation(k x W + b)` with `W` divided by its Frobenius norm, or each of its columns by its own.

    In place of `keras.layers.Dense` as the last layer. With one unit it is `SpectralDense`, at less cost.

    - `disjoint_neurons=True` (default, as in deel-lip): every output by itself is k-Lipschitz, exactly.
      Together they are up to `k √units`-Lipschitz, and that is what `lipschitz_bound` states: as a hidden
      layer it is not k-Lipschitz. A difference of two outputs is 2k-Lipschitz, which is what
      `disjoint_neurons=True` of the metrics is for.
    - `disjoint_neurons=False`: the whole is k-Lipschitz, a bound that is exact for kernels of rank 1 only.

    Args:
        units: Size of the output, a positive integer.
        activation: An activation with a Lipschitz constant of at most 1, or None.
        use_bias: Whether to add a bias, which is not constrained.
        kernel_initializer: Initializer of the kernel, whose result is normalised.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Regularizer of the kernel.
        bias_regularizer: Regularizer of the bias.
        activity_regularizer: Regularizer of the output.
        kernel_constraint: Must be None; the kernel has its own constraint.
        bias_constraint: Constraint on the bias.
        lora_rank: Must be None, since a low-rank update would leave the constraint.
        disjoint_neurons: Whether each column is normalised by itself.
        k_coef_lip: The Lipschitz factor k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Serrurier et al., Achieving robustness in classification using optimal transport with hinge regularization (CVPR
        2021).
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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        disjoint_neurons: bool = True,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals(), "disjoint_neurons"))
        self.disjoint_neurons = bool(disjoint_neurons)

    def _manifold(self) -> FrobeniusSphere:
        return FrobeniusSphere(columns=self.disjoint_neurons)

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """`k √units` with disjoint neurons, else k."""
        bound = super().lipschitz_bound(input_shape)
        return bound * math.sqrt(self.units) if self.disjoint_neurons else bound

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "disjoint_neurons": self.disjoint_neurons}
