"""A residual block for vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.sll import SLL


@keras.saving.register_keras_serializable(package="lipbuild")
class SLLDense(SLL):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`, `q = eᶿ` learned.

    A residual block that is k-Lipschitz for all weights, from the semidefinite bound of its two layers and ReLU
    together; no activation is needed after it. Its input's size is its output's. The constant is a bound.

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

    def __init__(
        self,
        hidden_units: int | None = None,
        kernel_initializer: Any = "glorot_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if hidden_units is not None and (
            isinstance(hidden_units, bool) or not isinstance(hidden_units, int) or hidden_units < 1
        ):
            raise ValueError(f"hidden_units must be None or a positive integer. Received: {hidden_units!r}")
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
            raise ValueError(f"SLLDense needs a known last axis. Received: input_shape={tuple(input_shape)}")
        hidden = self.hidden_units or size
        self._add_weights((size, hidden), hidden)

    def _absolute_gram(self, weight: Any) -> Any:
        return ops.abs(ops.matmul(ops.transpose(weight), weight))

    def _into(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _back(self, hidden: Any, kernel: Any) -> Any:
        return ops.matmul(hidden, ops.transpose(kernel))

    def plain_call(self, inputs: Any) -> Any:
        """Two of Keras's Dense layers, a subtraction and a scale."""
        into, back = self._kernels()
        first = keras.layers.Dense(
            into.shape[-1], activation="relu", name=f"{self.name}_into", dtype=self.dtype_policy
        )
        second = keras.layers.Dense(
            into.shape[0], use_bias=False, name=f"{self.name}_back", dtype=self.dtype_policy
        )
        outputs = inputs - second(first(inputs))
        first.set_weights([ops.convert_to_numpy(into), ops.convert_to_numpy(self.bias)])
        second.set_weights([ops.convert_to_numpy(ops.transpose(back))])
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {**super().get_config(), "hidden_units": self.hidden_units}
