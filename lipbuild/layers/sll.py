"""What the SLL residual blocks share."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.aol_dense import bounded
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.normalizers.retraction import SAFETY


class SLL(LipschitzLayer, keras.layers.Layer):
    """`k (x - 2 Wᵀ diag(t) relu(W x + b))` with `t_i = 1 / Σ_j |W Wᵀ|_ij q_j / q_i`."""

    def __init__(
        self,
        *,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        k_coef_lip: float,
        **kwargs: Any,
    ) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def _add_weights(self, kernel_shape: tuple[int, ...], hidden: int) -> None:
        dtype = "float64" if self.variable_dtype == "float64" else "float32"
        self.weight = self.add_weight(
            name="weight",
            shape=kernel_shape,
            dtype=dtype,
            autocast=False,
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.scales = self.add_weight(
            name="scales", shape=(hidden,), dtype=dtype, autocast=False, initializer="zeros"
        )
        self.bias = self.add_weight(name="bias", shape=(hidden,), initializer=self.bias_initializer)

    def _absolute_gram(self, weight: Any) -> Any:
        """`Σ |W Wᵀ|` for each pair of hidden channels, shape (hidden, hidden)."""
        raise NotImplementedError

    def _into(self, inputs: Any, kernel: Any) -> Any:
        raise NotImplementedError

    def _back(self, hidden: Any, kernel: Any) -> Any:
        raise NotImplementedError

    def _kernels(self) -> tuple[Any, Any]:
        """The kernel into the hidden channels, and the one back with its factors."""
        weight = bounded(ops.convert_to_tensor(self.weight))
        # q = eᶿ, and only ratios count: less its largest θ it cannot overflow, and its floor keeps 1/q finite.
        theta = ops.convert_to_tensor(self.scales)
        q = ops.exp(ops.maximum(theta - ops.max(theta), -20.0))
        sums = ops.matmul(self._absolute_gram(weight), ops.expand_dims(q, -1))[:, 0] / q
        t = ops.where(
            sums > 0.0, 1.0 / ops.where(sums > 0.0, sums, ops.ones_like(sums)), ops.zeros_like(sums)
        )
        return weight, weight * (2.0 * SAFETY * t)

    def call(self, inputs: Any) -> Any:
        """Apply the block."""
        into, back = (ops.cast(kernel, self.compute_dtype) for kernel in self._kernels())
        hidden = ops.relu(ops.add(self._into(inputs, into), self.bias))
        outputs = inputs - self._back(hidden, back)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "k_coef_lip": self.k_coef_lip,
        }
