"""What the residual blocks share whose constant is that of their two maps and ReLU together."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import arguments_of, positive_tuple
from lipbuild.layers.exact_products import in_full_precision, rounded_once
from lipbuild.layers.kernels.kernel_layer import kernel_weight
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class ResidualBlock(LipschitzLayer, keras.layers.Layer):
    """`k (x - B relu(Wᵀ x + b))` with a kernel W into hidden channels and B, of the same shape, back.

    A layer is one of the ways to make the two kernels (SLL, CPL) × a geometry, which applies them.
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
        self.weight = kernel_weight(
            self, "weight", kernel_shape, self.kernel_initializer, regularizer=self.kernel_regularizer
        )
        self._add_scales(hidden)
        self.bias = self.add_weight(name="bias", shape=(hidden,), initializer=self.bias_initializer)

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

    def applied_kernels(self) -> dict[str, Any]:
        """The maps into the hidden channels and, as the adjoint of a map of this kernel, back."""
        into, back = self._kernels()
        return {"into": into, "back": back}

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


def _check_hidden_size(value: Any, name: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{name} must be None or a positive integer. Received: {name}={value!r}")


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
        _check_hidden_size(hidden_units, "hidden_units")
        super().__init__(**arguments_of(locals(), "hidden_units"))
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


class ConvBlock2D(ResidualBlock):
    """A residual block whose kernels are those of 2D convolutions `(kh, kw, channels, hidden_filters)`."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int] = 3,
        hidden_filters: int | None = None,
        kernel_initializer: Any = "glorot_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if any(k % 2 == 0 for k in positive_tuple(kernel_size, 2, "kernel_size")):
            raise ValueError(f"kernel_size must be odd. Received: kernel_size={kernel_size!r}")
        _check_hidden_size(hidden_filters, "hidden_filters")
        super().__init__(**arguments_of(locals(), "kernel_size", "hidden_filters"))
        self.kernel_size = positive_tuple(kernel_size, 2, "kernel_size")
        self.hidden_filters = hidden_filters
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        hidden = self.hidden_filters or channels
        self._add_weights((*self.kernel_size, channels, hidden), hidden)

    def _into(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv(inputs, kernel, strides=1, padding="same", data_format="channels_last")

    def _back(self, hidden: Any, kernel: Any) -> Any:
        return ops.conv_transpose(hidden, kernel, strides=1, padding="same", data_format="channels_last")

    def _plain_layers(self, into: Any, back: Any) -> tuple[keras.layers.Layer, keras.layers.Layer]:
        channels, hidden = into.shape[-2:]
        common = {"padding": "same", "data_format": "channels_last", "dtype": self.dtype_policy}
        first = keras.layers.Conv2D(
            hidden, self.kernel_size, activation="relu", name=f"{self.name}_into", **common
        )
        return first, keras.layers.Conv2DTranspose(
            channels, self.kernel_size, use_bias=False, name=f"{self.name}_back", **common
        )

    def _plain_back(self, back: Any) -> Any:
        return back

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "hidden_filters": self.hidden_filters,
        }
