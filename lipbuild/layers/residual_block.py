"""What the residual blocks share whose constant is that of their two maps and ReLU together."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from lipbuild.layers.exact_products import in_full_precision, rounded_once
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class ResidualBlock(LipschitzLayer, keras.layers.Layer):
    """`k (x - B relu(Wᵀ x + b))` with a kernel W into hidden channels and B, of the same shape, back.

    A subclass says what the two kernels are and how they are applied.
    """

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
        self.weight = self._add_free_weight(
            "weight", kernel_shape, self.kernel_initializer, regularizer=self.kernel_regularizer
        )
        self._add_scales(hidden)
        self.bias = self.add_weight(name="bias", shape=(hidden,), initializer=self.bias_initializer)

    def _add_free_weight(self, name: str, shape: tuple[int, ...], initializer: Any, **kwargs: Any) -> Any:
        # Half precision would round a kernel past its norm. Without autocasting, for the same reason.
        dtype = "float64" if self.variable_dtype == "float64" else "float32"
        return self.add_weight(
            name=name, shape=shape, dtype=dtype, autocast=False, initializer=initializer, **kwargs
        )

    def _add_scales(self, hidden: int) -> None:
        """Further weights of the kernels."""

    @abstractmethod
    def _kernels(self) -> tuple[Any, Any]:
        """The kernel into the hidden channels, and the one back with its factors."""

    @abstractmethod
    def _into(self, inputs: Any, kernel: Any) -> Any:
        """The map into the hidden channels."""

    @abstractmethod
    def _back(self, hidden: Any, kernel: Any) -> Any:
        """The adjoint of such a map."""

    @abstractmethod
    def _plain_layers(self, into: Any, back: Any) -> tuple[keras.layers.Layer, keras.layers.Layer]:
        """The unbuilt built-in layers of the two kernels, the first with its ReLU."""

    @abstractmethod
    def _plain_back(self, back: Any) -> Any:
        """The kernel back as its built-in layer stores it."""

    def call(self, inputs: Any) -> Any:
        """Apply the block."""
        into, back = (ops.cast(kernel, self.compute_dtype) for kernel in self._kernels())
        hidden = ops.relu(ops.add(self._into(inputs, into), self.bias))
        outputs = inputs - self._back(hidden, back)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Two built-in layers with kernels that are computed in float64, a subtraction and a scale."""
        with in_full_precision():
            into, back = self._kernels()
        first, second = self._plain_layers(into, back)
        outputs = inputs - second(first(inputs))
        rounded_once(first.kernel, into)
        first.bias.assign(self.bias)
        rounded_once(second.kernel, self._plain_back(back))
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "k_coef_lip": self.k_coef_lip,
        }
