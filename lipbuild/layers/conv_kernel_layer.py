"""What the convolutions with a constrained kernel share."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.layers.conv_arguments import channel_axis, checked_data_format, checked_padding, positive_tuple
from lipbuild.layers.kernel_layer import ConstrainedKernelLayer


def patch_factor(kernel_size: tuple[int, ...], strides: tuple[int, ...]) -> float:
    """1/√(most patches that one input pixel is in), the inverse norm of the operator that gathers patches.

    `∏ ⌈kernel / stride⌉` patches hold a pixel away from the border, so the factor is a bound for every input
    size, padding and dilation. It is exact for kernels and inputs that a border does not reach.
    """
    return 1.0 / math.sqrt(math.prod(math.ceil(k / s) for k, s in zip(kernel_size, strides, strict=True)))


class ConvKernelLayer(ConstrainedKernelLayer):
    """A convolution over `rank` axes by a kernel of shape `(*kernel_size, cin / groups, filters)`."""

    paddings: tuple[str, ...] = ("same", "valid")
    rank: int

    def __init__(
        self,
        *,
        filters: int,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        groups: int,
        **kwargs: Any,
    ) -> None:
        rank = self.rank
        for name, value in (("filters", filters), ("groups", groups)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a positive integer. Received: {name}={value!r}")
        if filters % groups:
            raise ValueError(f"groups must divide filters. Received: filters={filters}, groups={groups}")
        kernel_size = positive_tuple(kernel_size, rank, "kernel_size")
        strides = positive_tuple(strides, rank, "strides")
        dilation_rate = positive_tuple(dilation_rate, rank, "dilation_rate")
        if max(strides) > 1 and max(dilation_rate) > 1:
            raise ValueError(
                "strides and dilation_rate cannot both differ from 1. "
                f"Received: strides={strides}, dilation_rate={dilation_rate}"
            )
        padding = checked_padding(padding, self.paddings)
        data_format = checked_data_format(data_format)
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.data_format = data_format
        self.dilation_rate = dilation_rate
        self.groups = groups
        self.input_spec = keras.layers.InputSpec(ndim=rank + 2)

    def build(self, input_shape: Any) -> None:
        """Create the kernel, on its manifold, and the bias."""
        channels = input_shape[channel_axis(self.data_format)]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        if channels % self.groups:
            raise ValueError(
                "groups must divide the input's channels. "
                f"Received: {channels} channels, groups={self.groups}"
            )
        self.input_spec = keras.layers.InputSpec(
            ndim=self.rank + 2, axes={channel_axis(self.data_format): channels}
        )
        self._add_weights(self._kernel_shape(channels), (self.filters,))

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, channels // self.groups, self.filters)

    def _kernel_groups(self) -> int:
        return self.groups

    @property
    def factor(self) -> float:
        """1/√(most patches that one input pixel is in)."""
        return patch_factor(self.kernel_size, self.strides)

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return self._convolve(inputs, kernel, self.padding)

    def _convolve(self, inputs: Any, kernel: Any, padding: str) -> Any:
        if self.groups == 1:
            return self._convolve_group(inputs, kernel, padding)
        # One by one, since TensorFlow has no gradient of a grouped convolution on a CPU.
        axis = channel_axis(self.data_format)
        groups = zip(
            ops.split(inputs, self.groups, axis=axis), ops.split(kernel, self.groups, axis=-1), strict=True
        )
        return ops.concatenate([self._convolve_group(x, k, padding) for x, k in groups], axis=axis)

    def _convolve_group(self, inputs: Any, kernel: Any, padding: str) -> Any:
        return ops.conv(
            inputs,
            kernel,
            strides=list(self.strides),
            padding=padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )

    def _broadcast_bias(self, bias: Any) -> Any:
        if self.data_format == "channels_last":
            return bias
        return ops.reshape(bias, (self.filters,) + (1,) * self.rank)

    def _plain_arguments(self) -> dict[str, Any]:
        return {
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": self._plain_activation(),
            "use_bias": self.use_bias,
            "name": self.name,
            "dtype": self.dtype_policy,
        }

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
        }
