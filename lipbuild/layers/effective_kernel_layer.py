"""What the layers share whose kernel is computed from their weights."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold, ManifoldInitializer
from lipbuild.layers.activation_bounds import check_activation, layer_gain, serialize_activation
from lipbuild.layers.exact_products import in_full_precision, rounded_once
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class EffectiveKernelLayer(LipschitzLayer, keras.layers.Layer):
    """A linear map whose kernel is a differentiable function of free weights, then a bias and an activation.

    A subclass says what its kernel is (norm at most 1 for all weights), how it is applied, and which built-in layer is
    the same with that kernel.
    """

    def __init__(
        self,
        *,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        k_coef_lip: float,
        **kwargs: Any,
    ) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        activation = check_activation(activation, type(self).__name__)
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip
        self.activation = activation
        self.use_bias = bool(use_bias)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.bias: Any = None

    @abstractmethod
    def effective_kernel(self) -> Any:
        """The kernel of norm at most 1, in float32 or float64, from the present weights."""

    @abstractmethod
    def _linear(self, inputs: Any, kernel: Any) -> Any:
        """The linear map."""

    @abstractmethod
    def _plain_layer(self) -> keras.layers.Layer:
        """The unbuilt built-in layer with this layer's name, geometry, bias and activation."""

    @property
    def kernel(self) -> Any:
        """The kernel that is applied, over k_coef_lip."""
        return self.effective_kernel()

    def _add_kernel_weight(
        self,
        name: str,
        shape: tuple[int, ...],
        initializer: Any = None,
        manifold: KernelManifold | None = None,
    ) -> Any:
        initializer = self.kernel_initializer if initializer is None else initializer
        return self.add_weight(
            name=name,
            shape=shape,
            # Half precision would round the kernel past its norm. Without autocasting, for the same reason.
            dtype="float64" if self.variable_dtype == "float64" else "float32",
            autocast=False,
            initializer=initializer if manifold is None else ManifoldInitializer(initializer, manifold),
            regularizer=self.kernel_regularizer,
            constraint=manifold,
        )

    def _add_bias(self, shape: tuple[int, ...]) -> None:
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=shape, initializer=self.bias_initializer, regularizer=self.bias_regularizer
            )

    def _scaled_kernel(self) -> Any:
        kernel = self.effective_kernel()
        return kernel if self.k_coef_lip == 1.0 else kernel * self.k_coef_lip

    def call(self, inputs: Any) -> Any:
        """Apply the map, the bias and the activation."""
        outputs = self._linear(inputs, ops.cast(self._scaled_kernel(), self.compute_dtype))
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the built-in layer would give."""
        return self._plain_layer().compute_output_shape(input_shape)

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """`k_coef_lip`, times the activation's constant where that is less than 1."""
        gain = layer_gain(self.activation) if isinstance(self.activation, keras.layers.Layer) else 1.0
        return self.k_coef_lip * (1.0 if gain is None else gain)

    def _plain_activation(self) -> Any:
        return None if isinstance(self.activation, LipschitzLayer) else self.activation

    def plain_call(self, inputs: Any) -> Any:
        """The built-in layer with the present kernel, computed in float64 and rounded once."""
        layer = self._plain_layer()
        outputs = layer(inputs)
        with in_full_precision():
            rounded_once(layer.kernel, self._scaled_kernel())
        if self.bias is not None:
            layer.bias.assign(self.bias)
        if isinstance(self.activation, LipschitzLayer):
            outputs = self.activation.plain_call(outputs)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "activation": serialize_activation(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "k_coef_lip": self.k_coef_lip,
        }
