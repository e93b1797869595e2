"""What the layers with a constrained kernel share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from lipbuild.constraints.deferred_retraction import DeferredRetraction, can_defer, is_eager
from lipbuild.constraints.kernel_manifold import KernelManifold, ManifoldInitializer
from lipbuild.constraints.spectral_ball import SpectralBall
from lipbuild.layers.activation_bounds import check_activation, layer_gain, serialize_activation
from lipbuild.layers.exact_products import in_float64, rounded_once
from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer, check_klip_factor
from lipbuild.normalizers.tangent import with_projected_gradient


class ConstrainedKernelLayer(LipschitzLayer, Condensable, keras.layers.Layer):
    """A linear map with a kernel kept on a manifold, then a bias and a non-expansive activation.

    The variable `kernel` itself satisfies the constraint, from `build` on and after each update: the
    optimizer calls its `constraint`, outside the gradient. The map uses it as it is, times `k_coef_lip` and
    the layer's `factor`. Where retracting costs a visible part of a training step, the kernel is retracted
    after every few updates and whenever it is read, saved or applied outside training, see
    `DeferredRetraction`. A subclass says what its kernel's shape and manifold are, how it is applied, and
    which built-in layer is the same.
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
        activity_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        k_coef_lip: float,
        **kwargs: Any,
    ) -> None:
        owner = type(self).__name__
        if kernel_constraint is not None:
            raise ValueError(
                f"{owner} constrains its kernel itself; a second constraint could undo the first. Leave "
                f"kernel_constraint out. Received: kernel_constraint={kernel_constraint!r}"
            )
        k_coef_lip = check_klip_factor(k_coef_lip)
        activation = check_activation(activation, owner)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.k_coef_lip = k_coef_lip
        self.activation = activation
        self.use_bias = bool(use_bias)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self._kernel: Any = None
        self._deferred: DeferredRetraction | None = None
        self.bias: Any = None

    @abstractmethod
    def _manifold(self) -> KernelManifold:
        """Where the kernel has to lie."""

    @abstractmethod
    def _linear(self, inputs: Any, kernel: Any) -> Any:
        """The linear map."""

    @abstractmethod
    def _plain_layer(self) -> keras.layers.Layer:
        """The unbuilt built-in layer with this layer's name, geometry, bias and activation."""

    @property
    def factor(self) -> float:
        """What the kernel is multiplied by for the operator's norm to be at most the kernel's."""
        return 1.0

    def _retraction_shows(self, kernel_shape: tuple[int, ...]) -> bool:
        """Whether retracting a kernel of this shape after every update would show in a step's time."""
        return False

    @property
    def kernel(self) -> Any:
        """The kernel's variable, within its constraint."""
        self._settle()
        return self._kernel

    @property
    def variables(self) -> list[Any]:
        """All variables, the kernel within its constraint."""
        self._settle()
        return list(super().variables)

    @property
    def weights(self) -> list[Any]:
        """All weights, the kernel within its constraint."""
        self._settle()
        return list(super().weights)

    def save_own_variables(self, store: Any) -> None:
        """Save the weights, the kernel within its constraint."""
        self._settle()
        super().save_own_variables(store)

    def _trackable_children(self, *args: Any, **kwargs: Any) -> Any:
        # Where TensorFlow's own checkpoints and SavedModels find what to write.
        self._settle()
        return super()._trackable_children(*args, **kwargs)

    def _settle(self) -> None:
        # While a graph is made there is no value to look at: `call` and the constraint do it there.
        if self._deferred is not None and is_eager():
            self._deferred.settle(self._kernel)

    def _add_weights(self, kernel_shape: tuple[int, ...], bias_shape: tuple[int, ...]) -> None:
        # Half precision would round the kernel off its manifold.
        dtype = "float64" if self.variable_dtype == "float64" else "float32"
        manifold = self._manifold()
        if isinstance(manifold, SpectralBall) and self._retraction_shows(kernel_shape) and can_defer():
            self._deferred = DeferredRetraction(manifold)
        self._kernel = self.add_weight(
            name="kernel",
            shape=kernel_shape,
            dtype=dtype,
            initializer=ManifoldInitializer(self.kernel_initializer, manifold),
            regularizer=self.kernel_regularizer,
            constraint=self._deferred or manifold,
            # Retracted in its own precision, also within a layer that computes in another.
            autocast=False,
            trainable=True,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=bias_shape,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                trainable=True,
            )

    @property
    def scale(self) -> float:
        """k_coef_lip · factor: the norm of what is applied, per norm of the kernel."""
        return self.k_coef_lip * self.factor

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Apply the map, the bias and the activation."""
        outputs = self._map(inputs, self._kernel_to_apply(training))
        if self.bias is not None:
            outputs = ops.add(outputs, self._broadcast_bias(self.bias))
        if self.activation is not None:
            outputs = self.activation(outputs)
        return outputs

    def _kernel_to_apply(self, training: Any) -> Any:
        if self._deferred is not None and not training:
            if training is None and not is_eager():
                # A graph that is exported says nothing of training, and assigns nothing.
                return self._deferred.settled(self._kernel)
            self._deferred.settle(self._kernel)
        return self._kernel

    def _map(self, inputs: Any, kernel: Any) -> Any:
        """The linear map by the kernel, scaled, with the kernel's gradient along its manifold."""
        # convert_to_tensor would leave the variable a variable, which a custom gradient does not take.
        kernel = ops.cast(kernel, self.compute_dtype)
        manifold = self._manifold()
        if manifold.projects(kernel):
            kernel = with_projected_gradient(kernel, manifold.tangent)
        scale = self.scale
        return self._linear(inputs, kernel if scale == 1.0 else kernel * scale)

    def _broadcast_bias(self, bias: Any) -> Any:
        return bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the built-in layer would give."""
        return self._plain_layer().compute_output_shape(input_shape)

    def condense(self) -> None:
        """Bring the kernel fully onto its manifold."""
        self._kernel.assign(self._manifold().condense(ops.convert_to_tensor(self._kernel)))
        if self._deferred is not None:
            self._deferred.forget()

    def lipschitz_bound(self, input_shape: Any = None) -> float:
        """`k_coef_lip`, times the activation's constant where that is less than 1."""
        gain = layer_gain(self.activation) if isinstance(self.activation, keras.layers.Layer) else 1.0
        return self.k_coef_lip * (1.0 if gain is None else gain)

    def vanilla_export(self) -> Any:
        """A built-in layer with this layer's name and a copy of its weights."""
        if isinstance(self.activation, LipschitzLayer):
            return super().vanilla_export()
        layer = self._plain_layer()
        layer.build(self._build_input_shape())
        self._set_plain_weights(layer)
        return layer

    def plain_call(self, inputs: Any) -> Any:
        """The built-in layer with this layer's weights."""
        layer = self._plain_layer()
        outputs = layer(inputs)
        self._set_plain_weights(layer)
        if isinstance(self.activation, LipschitzLayer):
            outputs = self.activation.plain_call(outputs)
        return outputs

    def _plain_activation(self) -> Any:
        return None if isinstance(self.activation, LipschitzLayer) else self.activation

    def _build_input_shape(self) -> Any:
        config = self.get_build_config()
        if not self.built or not config:
            raise ValueError(f"Layer {self.name!r} has to be built before it can be exported.")
        return config["input_shape"]

    def _set_plain_weights(self, layer: Any) -> None:
        rounded_once(layer.kernel, in_float64(self.kernel) * self.scale)
        if self.bias is not None:
            layer.bias.assign(self.bias)

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
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": None,
            "bias_constraint": keras.constraints.serialize(self.bias_constraint),
            "k_coef_lip": self.k_coef_lip,
        }
