"""A residual block for images."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.autocorrelation import autocorrelation
from lipbuild.layers.conv_arguments import positive_tuple
from lipbuild.layers.sll import SLL


@keras.saving.register_keras_serializable(package="lipbuild")
class SLLConv2D(SLL):
    """`SLLDense` with W a 2D convolution with zero padding and Wᵀ its adjoint, channels last.

    The sums run over the kernel's autocorrelation, so that the constant k holds for every image size. It is a bound.

    Args:
        kernel_size: one or two odd positive integers.
        hidden_filters: output channels of W; None takes the input's number.
        kernel_initializer: initializer of W.
        bias_initializer: initializer of b.
        kernel_regularizer: regularizer of W.
        k_coef_lip: the Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: an argument is out of its range; the message says which and what it was.

    Reference:
        Araujo et al., A unified algebraic perspective on Lipschitz neural networks (ICLR 2023).
    """

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
        size = positive_tuple(kernel_size, 2, "kernel_size")
        if any(k % 2 == 0 for k in size):
            raise ValueError(f"kernel_size must be odd. Received: kernel_size={kernel_size!r}")
        if hidden_filters is not None and (
            isinstance(hidden_filters, bool) or not isinstance(hidden_filters, int) or hidden_filters < 1
        ):
            raise ValueError(
                f"hidden_filters must be None or a positive integer. Received: {hidden_filters!r}"
            )
        super().__init__(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.kernel_size = size
        self.hidden_filters = hidden_filters
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"SLLConv2D needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        hidden = self.hidden_filters or channels
        self._add_weights((*self.kernel_size, channels, hidden), hidden)

    def _absolute_gram(self, weight: Any) -> Any:
        return ops.sum(ops.abs(autocorrelation(weight, of_outputs=True)), axis=(1, 2))

    def _into(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv(inputs, kernel, strides=1, padding="same", data_format="channels_last")

    def _back(self, hidden: Any, kernel: Any) -> Any:
        return ops.conv_transpose(hidden, kernel, strides=1, padding="same", data_format="channels_last")

    def plain_call(self, inputs: Any) -> Any:
        """A Conv2D, a Conv2DTranspose, a subtraction and a scale."""
        into, back = self._kernels()
        channels, hidden = into.shape[-2:]
        common = {"padding": "same", "data_format": "channels_last", "dtype": self.dtype_policy}
        first = keras.layers.Conv2D(
            hidden, self.kernel_size, activation="relu", name=f"{self.name}_into", **common
        )
        second = keras.layers.Conv2DTranspose(
            channels, self.kernel_size, use_bias=False, name=f"{self.name}_back", **common
        )
        outputs = inputs - second(first(inputs))
        first.set_weights([ops.convert_to_numpy(into), ops.convert_to_numpy(self.bias)])
        second.set_weights([ops.convert_to_numpy(back)])
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "hidden_filters": self.hidden_filters,
        }
