"""How kernels are applied: as a matrix, by a convolution, or by the adjoint of one."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import keras
from keras import ops

from lipbuild.layers.arguments import (
    arguments_of,
    channel_axis,
    checked_data_format,
    checked_padding,
    positive_integer,
    positive_tuple,
)
from lipbuild.layers.kernels.kernel_layer import KernelLayer


def patch_factor(kernel_size: tuple[int, ...], strides: tuple[int, ...]) -> float:
    """1/√(most patches that one input pixel is in), the inverse norm of the operator that gathers patches.

    `∏ ⌈kernel / stride⌉` patches hold a pixel away from the border, so the factor is a bound for every input
    size, padding and dilation. It is exact for kernels and inputs that a border does not reach.
    """
    return 1.0 / math.sqrt(math.prod(math.ceil(k / s) for k, s in zip(kernel_size, strides, strict=True)))


class Dense(KernelLayer):
    """A product with a matrix `(input_dim, units)`, as `keras.layers.Dense`."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        positive_integer(units, "units")
        lora_rank = kwargs.pop("lora_rank", None) if "lora_rank" in self.takes else None
        if lora_rank is not None:
            raise ValueError(
                f"{type(self).__name__} does not support LoRA. Received: lora_rank={lora_rank!r}"
            )
        super().__init__(**kwargs)
        self.units = units
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        input_dim = input_shape[-1]
        if input_dim is None:
            raise ValueError(
                f"{type(self).__name__} needs a known last axis. Received: input_shape={tuple(input_shape)}"
            )
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_dim})
        self._add_kernel((input_dim, self.units))
        self._add_bias((self.units,))

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Dense(self.units, **self._plain_arguments())

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        lora = {"lora_rank": None} if "lora_rank" in self.takes else {}
        return {**super().get_config(), "units": self.units, **lora}


class Convolution(KernelLayer):
    """A convolution over `rank` axes by a kernel `(*kernel_size, cin / groups, filters)`, as `plain` is one."""

    rank: ClassVar[int]
    plain: ClassVar[type[keras.layers.Layer]]
    paddings: ClassVar[tuple[str, ...]] = ("same", "valid")

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        padding: str = "same",
        dilation_rate: int | tuple[int, ...] = 1,
        **kwargs: Any,
    ) -> None:
        groups = kwargs.pop("groups", 1) if "groups" in self.takes else 1
        positive_integer(filters, "filters")
        positive_integer(groups, "groups")
        if filters % groups:
            raise ValueError(f"groups must divide filters. Received: filters={filters}, groups={groups}")
        size = positive_tuple(kernel_size, self.rank, "kernel_size")
        steps = positive_tuple(strides, self.rank, "strides")
        dilation = positive_tuple(dilation_rate, self.rank, "dilation_rate")
        if max(steps) > 1 and max(dilation) > 1:
            raise ValueError(
                "strides and dilation_rate cannot both differ from 1. "
                f"Received: strides={steps}, dilation_rate={dilation}"
            )
        padding = checked_padding(padding, self.paddings)
        data_format = "channels_last"
        if "data_format" in self.takes:
            data_format = checked_data_format(kwargs.pop("data_format", None))
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = size
        self.strides = steps
        self.padding = padding
        self.data_format = data_format
        self.dilation_rate = dilation
        self.groups = groups
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)
        self._check_geometry()

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        axis = channel_axis(self.data_format)
        channels = input_shape[axis]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        if channels % self.groups:
            raise ValueError(
                "groups must divide the input's channels. "
                f"Received: {channels} channels, groups={self.groups}"
            )
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2, axes={axis: channels})
        first = 1 if self.data_format == "channels_last" else 2
        self.lengths = self._operator_lengths(tuple(input_shape)[first : first + self.rank])
        self._add_kernel(self._kernel_shape(channels))
        self._add_bias((self.filters,))

    def _operator_lengths(self, lengths: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The lengths of the input of the convolution by the kernel, None where they are open."""
        return lengths

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, channels // self.groups, self.filters)

    @property
    def patch_factor(self) -> float:
        """1/√(most patches that one input pixel is in)."""
        return patch_factor(self.kernel_size, self.strides)

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        padding = self.padding
        if padding == "causal":
            before = (self.dilation_rate[0] * (self.kernel_size[0] - 1), 0)
            last = self.data_format == "channels_last"
            inputs = ops.pad(inputs, ((0, 0), before, (0, 0)) if last else ((0, 0), (0, 0), before))
            padding = "valid"
        if self.groups == 1:
            return self._convolve(inputs, kernel, padding)
        # One by one, since TensorFlow has no gradient of a grouped convolution on a CPU.
        axis = channel_axis(self.data_format)
        groups = zip(
            ops.split(inputs, self.groups, axis=axis), ops.split(kernel, self.groups, axis=-1), strict=True
        )
        return ops.concatenate([self._convolve(x, k, padding) for x, k in groups], axis=axis)

    def _convolve(self, inputs: Any, kernel: Any, padding: str) -> Any:
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

    def _plain_layer(self) -> keras.layers.Layer:
        return self.plain(self.filters, self.kernel_size, **self._plain_arguments())

    def _plain_arguments(self) -> dict[str, Any]:
        return {
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            **super()._plain_arguments(),
        }

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised."""
        further = {
            name: value
            for name, value in (("data_format", self.data_format), ("groups", self.groups))
            if name in self.takes
        }
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            **further,
        }


class Convolution1D(Convolution):
    """A convolution over sequences."""

    rank = 1
    plain = keras.layers.Conv1D
    paddings = ("same", "valid", "causal")


class Convolution2D(Convolution):
    """A convolution over images."""

    rank = 2
    plain = keras.layers.Conv2D


class TransposedConvolution(Convolution):
    """The adjoint of a convolution from `filters` channels to the input's, by its kernel `(*size, filters, cin)`.

    An operator and its adjoint have the same singular values, so what a parametrisation promises of the convolution
    holds here.
    """

    paddings: ClassVar[tuple[str, ...]] = ("same",)

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        padding: str = "same",
        dilation_rate: int | tuple[int, ...] = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments_of(locals()))
        self._check_adjoint(dilation_rate)

    def _check_adjoint(self, dilation_rate: Any) -> None:
        if max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__} has no dilation. Received: dilation_rate={dilation_rate!r}"
            )
        if self.groups != 1:
            raise ValueError(f"{type(self).__name__} has no groups. Received: groups={self.groups}")

    def _operator_lengths(self, lengths: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(None if n is None else n * s for n, s in zip(lengths, self.strides, strict=True))

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, self.filters, channels)

    def _linear(self, inputs: Any, kernel: Any) -> Any:
        return ops.conv_transpose(
            inputs,
            kernel,
            strides=list(self.strides),
            padding=self.padding,
            data_format=self.data_format,
        )

    def _plain_arguments(self) -> dict[str, Any]:
        arguments = super()._plain_arguments()
        # Keras's own has none.
        del arguments["groups"]
        return arguments


class TransposedConvolution2D(TransposedConvolution):
    """The adjoint of a convolution over images."""

    rank = 2
    plain = keras.layers.Conv2DTranspose
