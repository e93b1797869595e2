"""What all layers with a kernel share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import keras
from keras import ops

from lipbuild.constraints.kernel_manifold import KernelManifold, ManifoldInitializer
from lipbuild.layers.activation_bounds import check_activation, layer_gain, serialize_activation
from lipbuild.layers.exact_products import rounded_once
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


def kernel_weight(
    layer: keras.layers.Layer,
    name: str,
    shape: tuple[int, ...],
    initializer: Any,
    *,
    regularizer: Any = None,
    manifold: KernelManifold | None = None,
    constraint: Any = None,
) -> Any:
    """A layer's new weight that its constant rests on.

    It is in float32, or float64 where the layer's weights are: half precision would round a kernel past its norm. It is
    not autocast, for the same reason.

    Args:
        layer: The layer.
        name: The weight's name.
        shape: Its shape.
        initializer: What makes it.
        regularizer: Its penalty, or None.
        manifold: Where it has to lie, from the start and after each update; None for a free weight.
        constraint: What is called after each update in place of the manifold.
    """
    return layer.add_weight(
        name=name,
        shape=shape,
        dtype="float64" if layer.variable_dtype == "float64" else "float32",
        autocast=False,
        initializer=initializer if manifold is None else ManifoldInitializer(initializer, manifold),
        regularizer=regularizer,
        constraint=constraint or manifold,
    )


class KernelLayer(LipschitzLayer, keras.layers.Layer):
    """`activation(k K x + b)`: a linear map K of norm at most 1, then a bias and a non-expansive activation.

    A layer inherits from two subclasses of this one, the geometry first:

    - The geometry applies a kernel. It knows the kernel's shape, the operation, the built-in layer that is the same,
      and how the norm of the operator compares with that of the kernel as a matrix (`patch_factor`).
    - The parametrisation makes a kernel from weights and keeps its norm, in float32 with a factor of safety for the one
      rounding of the plain form's kernel.
    """

    takes: ClassVar[tuple[str, ...]] = ()
    """Which of the built-in layer's arguments `data_format`, `groups` and `lora_rank` the layer takes too."""

    groups: int = 1
    bias_constraint: Any = None

    def __init__(
        self,
        *,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
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

    # The geometry.

    @abstractmethod
    def _linear(self, inputs: Any, kernel: Any) -> Any:
        """The linear map of a kernel."""

    @abstractmethod
    def _plain_layer(self) -> keras.layers.Layer:
        """The unbuilt built-in layer with this layer's name, geometry, bias and activation."""

    @property
    def patch_factor(self) -> float:
        """What a kernel is multiplied by for the operator's norm to be at most that of the kernel as a matrix."""
        return 1.0

    def _broadcast_bias(self, bias: Any) -> Any:
        return bias

    # The parametrisation.

    @abstractmethod
    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        """Create the weights of a kernel of this shape."""

    def _check_geometry(self) -> None:
        """Refuse a geometry that there is no kernel for."""

    @abstractmethod
    def applied_kernel(self) -> Any:
        """The kernel as it is applied, with all factors, in float32 or float64."""

    @abstractmethod
    def _exact_kernel(self) -> Any:
        """The same, computed in float64."""

    # What follows from both.

    def _add_bias(self, shape: tuple[int, ...]) -> None:
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=shape,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _biased_and_activated(self, outputs: Any) -> Any:
        if self.bias is not None:
            outputs = ops.add(outputs, self._broadcast_bias(self.bias))
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the built-in layer would give."""
        return self._plain_layer().compute_output_shape(input_shape)

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """`k_coef_lip`, times the activation's constant where that is less than 1."""
        gain = layer_gain(self.activation) if isinstance(self.activation, keras.layers.Layer) else 1.0
        return self.k_coef_lip * (1.0 if gain is None else gain)

    def applied_kernels(self) -> dict[str, Any]:
        """The one kernel."""
        return {"": self.applied_kernel()}

    def plain_call(self, inputs: Any) -> Any:
        """The built-in layer with the present kernel, computed in float64 and rounded once."""
        layer = self._plain_layer()
        outputs = layer(inputs)
        self._set_plain_weights(layer)
        if isinstance(self.activation, LipschitzLayer):
            outputs = self.activation.plain_call(outputs)
        return outputs

    def _set_plain_weights(self, layer: Any) -> None:
        rounded_once(layer.kernel, self._exact_kernel())
        if self.bias is not None:
            layer.bias.assign(self.bias)

    def _plain_arguments(self) -> dict[str, Any]:
        own = isinstance(self.activation, LipschitzLayer)
        return {
            "activation": None if own else self.activation,
            "use_bias": self.use_bias,
            "name": self.name,
            "dtype": self.dtype_policy,
        }

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
