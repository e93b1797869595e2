"""What the residual blocks for vectors share."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.residual_block import ResidualBlock


def checked_hidden_size(value: Any, name: str) -> int | None:
    """A positive integer, or None.

    Raises:
        ValueError: it is neither.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{name} must be None or a positive integer. Received: {name}={value!r}")
    return value


class DenseBlock(ResidualBlock):
    """A residual block whose kernels are matrices `(input_dim, hidden_units)`."""

    def __init__(
        self,
        hidden_units: int | None = None,
        kernel_initializer: Any = "glorot_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        hidden_units = checked_hidden_size(hidden_units, "hidden_units")
        super().__init__(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.hidden_units = hidden_units

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        size = input_shape[-1]
        if size is None:
            raise ValueError(
                f"{type(self).__name__} needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        hidden = self.hidden_units or size
        self._add_weights((size, hidden), hidden)

    def _into(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _back(self, hidden: Any, kernel: Any) -> Any:
        return ops.matmul(hidden, ops.transpose(kernel))

    def _plain_layers(self, into: Any, back: Any) -> tuple[keras.layers.Layer, keras.layers.Layer]:
        size, hidden = into.shape
        first = keras.layers.Dense(
            hidden, activation="relu", name=f"{self.name}_into", dtype=self.dtype_policy
        )
        return first, keras.layers.Dense(
            size, use_bias=False, name=f"{self.name}_back", dtype=self.dtype_policy
        )

    def _plain_back(self, back: Any) -> Any:
        return ops.transpose(back)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "hidden_units": self.hidden_units}
