"""Dense layer with a kernel of Frobenius norm 1."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.constraints.frobenius_sphere import FrobeniusSphere
from lipbuild.layers.kernel_layer import ConstrainedKernelLayer


@keras.saving.register_keras_serializable(package="lipbuild")
class FrobeniusDense(ConstrainedKernelLayer):
    """`y = activation(k x W + b)` with `W` divided by its Frobenius norm, or each of its columns by its own.

    In place of `keras.layers.Dense` as the last layer. With one unit it is `SpectralDense`, at less cost.

    - `disjoint_neurons=True` (default, as in deel-lip): every output by itself is k-Lipschitz, exactly.
      Together they are up to `k √units`-Lipschitz, and that is what `lipschitz_bound` states: as a hidden
      layer it is not k-Lipschitz. A difference of two outputs is 2k-Lipschitz, which is what
      `disjoint_neurons=True` of the metrics is for.
    - `disjoint_neurons=False`: the whole is k-Lipschitz, a bound that is exact for kernels of rank 1 only.

    Args:
        units: size of the output, a positive integer.
        activation: an activation with a Lipschitz constant of at most 1, or None.
        use_bias: whether to add a bias, which is not constrained.
        kernel_initializer: initializer of the kernel, whose result is normalised.
        bias_initializer: initializer of the bias.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: must be None; the kernel has its own constraint.
        bias_constraint: constraint on the bias.
        lora_rank: must be None, since a low-rank update would leave the constraint.
        disjoint_neurons: whether each column is normalised by itself.
        k_coef_lip: the Lipschitz factor k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

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
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise ValueError(f"units must be a positive integer. Received: units={units!r}")
        if lora_rank is not None:
            raise ValueError(f"FrobeniusDense does not support LoRA. Received: lora_rank={lora_rank!r}")
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.units = units
        self.disjoint_neurons = bool(disjoint_neurons)
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Create the kernel, normalised, and the bias."""
        input_dim = input_shape[-1]
        if input_dim is None:
            raise ValueError(
                f"FrobeniusDense needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_dim})
        self._add_weights((input_dim, self.units), (self.units,))

    def _manifold(self) -> FrobeniusSphere:
        return FrobeniusSphere(columns=self.disjoint_neurons)

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """`k √units` with disjoint neurons, else k."""
        bound = super().lipschitz_bound(input_shape)
        return bound * math.sqrt(self.units) if self.disjoint_neurons else bound

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Dense(
            self.units,
            activation=self._plain_activation(),
            use_bias=self.use_bias,
            name=self.name,
            dtype=self.dtype_policy,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "units": self.units,
            "lora_rank": None,
            "disjoint_neurons": self.disjoint_neurons,
        }
