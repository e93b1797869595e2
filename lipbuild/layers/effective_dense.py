"""What the dense layers share whose kernel is computed from their weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.effective_kernel_layer import EffectiveKernelLayer


class EffectiveDense(EffectiveKernelLayer):
    """A dense layer with an effective kernel `(input_dim, units)`."""

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
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise ValueError(f"units must be a positive integer. Received: units={units!r}")
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.units = units
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        input_dim = input_shape[-1]
        if input_dim is None:
            raise ValueError(
                f"{type(self).__name__} needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_dim})
        self._add_kernel_weights(input_dim)
        self._add_bias((self.units,))

    def _add_kernel_weights(self, input_dim: int) -> None:
        raise NotImplementedError

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
        return {**super().get_config(), "units": self.units}
