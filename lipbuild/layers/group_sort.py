"""Sorting channels in groups."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import channel_axis, checked_data_format
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.layers.pair_sort import reads_pairs_as_complex, sort_neighbours


@keras.saving.register_keras_serializable(package="lipbuild")
class GroupSort(LipschitzLayer, keras.layers.Layer):
    """k times the channels, sorted in ascending order within groups of n neighbouring ones.

    It permutes its input, so its Lipschitz constant is k exactly and it keeps every gradient's norm. Its cost
    grows with n; `GroupSort2` is the cheapest.

    Args:
        n: Size of the groups, which divides the number of channels; None, or more than there are channels,
            sorts all.
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the channel axis has to be known.

    Output shape:
        Same as the input.

    Raises:
        ValueError: An argument is out of its range, or n does not divide the number of channels.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019).
    """

    def __init__(
        self,
        n: int | None = None,
        data_format: str | None = "channels_last",
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
            raise ValueError(f"n must be None or a positive integer. Received: n={n!r}")
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.n = n
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        self.supports_jit = n != 2 or not reads_pairs_as_complex()

    def build(self, input_shape: Any) -> None:
        """Check that the groups fit."""
        self._group_size(input_shape)

    def _group_size(self, input_shape: Any) -> int:
        channels = input_shape[channel_axis(self.data_format)]
        name = type(self).__name__
        if channels is None:
            raise ValueError(f"{name} needs a known channel axis. Received: input_shape={tuple(input_shape)}")
        size = channels if self.n is None else min(self.n, channels)
        if channels % size:
            raise ValueError(
                f"{name} sorts groups of n channels, so n has to divide their number. "
                f"Received: n={self.n}, {channels} channels in an input of shape {tuple(input_shape)}"
            )
        return int(size)

    def _sort(self, inputs: Any, axis: int) -> Any:
        size = self._group_size(inputs.shape)
        shape = [-1 if d is None else d for d in inputs.shape]
        if shape.count(-1) > 1:
            dynamic = ops.shape(inputs)
            shape = [dynamic[i] if d == -1 else d for i, d in enumerate(shape)]
        groups = [*shape[:axis], shape[axis] // size, size, *shape[axis + 1 :]]
        return ops.reshape(ops.sort(ops.reshape(inputs, groups), axis=axis + 1), shape)

    def call(self, inputs: Any) -> Any:
        """Sort and scale."""
        axis = 1 if self.data_format == "channels_first" else len(inputs.shape) - 1
        if self._group_size(inputs.shape) == 2 and axis == len(inputs.shape) - 1:
            outputs = sort_neighbours(inputs)
        else:
            outputs = self._sort(inputs, axis)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        self._group_size(input_shape)
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations: a reshape and a sort."""
        outputs = self._sort(inputs, 1 if self.data_format == "channels_first" else len(inputs.shape) - 1)
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "n": self.n,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
