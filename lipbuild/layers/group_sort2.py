"""Sorting channels in pairs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import channel_axis, checked_data_format
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.layers.pair_sort import reads_pairs_as_complex, sort_halves, sort_neighbours

PAIRINGS = ("halves", "neighbours")


@keras.saving.register_keras_serializable(package="lipbuild")
class GroupSort2(LipschitzLayer, keras.layers.Layer):
    """k times the channels, sorted within pairs: the activation for 1-Lipschitz networks.

    In place of `keras.layers.ReLU`. It permutes its input, so its Lipschitz constant is k exactly and it
    keeps every gradient's norm. Networks of orthogonal layers and GroupSort2 can approximate every
    1-Lipschitz function. It costs a few passes over memory, which training steps on a CPU make one each way.

    Args:
        pairing: "halves" pairs channels i and i + C/2 and gives `concat(max, min)`; "neighbours", deel-lip's
            pairing, pairs channels 2i and 2i + 1 and sorts each pair in ascending order. The two differ by a
            permutation of channels, which a linear layer absorbs: same functions, same constant. Halves are
            faster.
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the channel axis has to be known and even.

    Output shape:
        Same as the input.

    Raises:
        ValueError: An argument is out of its range, or the number of channels is odd or unknown.

    Reference:
        Anil, Lucas & Grosse, Sorting out Lipschitz function approximation (ICML 2019).
    """

    def __init__(
        self,
        pairing: str = "halves",
        data_format: str | None = "channels_last",
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        # deel-lip's GroupSort2 is a GroupSort with n=2, and its configurations say so.
        n = kwargs.pop("n", 2)
        if n != 2:
            raise ValueError(f"GroupSort2 sorts groups of 2; use GroupSort for others. Received: n={n!r}")
        if pairing not in PAIRINGS:
            raise ValueError(f"pairing must be one of {', '.join(PAIRINGS)}. Received: pairing={pairing!r}")
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.pairing = pairing
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        # Keras then trains a model with jit_compile=True without it, and says so.
        self.supports_jit = pairing == "halves" or not reads_pairs_as_complex()

    @property
    def n(self) -> int:
        """The size of the groups."""
        return 2

    def build(self, input_shape: Any) -> None:
        """Check that the channels can be paired."""
        self._check_channels(input_shape)

    def _check_channels(self, input_shape: Any) -> None:
        channels = input_shape[channel_axis(self.data_format)]
        if channels is None or channels % 2:
            raise ValueError(
                "GroupSort2 pairs channels, so their number has to be even and known. Received: "
                f"{channels} channels in an input of shape {tuple(input_shape)}"
            )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Sort and scale."""
        outputs = self._sort(inputs, bool(training))
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def _sort(self, inputs: Any, training: bool) -> Any:
        if self.data_format == "channels_last" or len(inputs.shape) == 2:
            return self._sort_last_axis(inputs, training)
        return ops.moveaxis(self._sort_last_axis(ops.moveaxis(inputs, 1, -1), training), -1, 1)

    def _sort_last_axis(self, inputs: Any, training: bool) -> Any:
        return sort_halves(inputs, training) if self.pairing == "halves" else sort_neighbours(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        self._check_channels(input_shape)
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Two slices, a maximum and a minimum, side by side."""
        axis = 1 if self.data_format == "channels_first" else len(inputs.shape) - 1
        channels = inputs.shape[axis]
        if self.pairing == "halves":
            half = channels // 2
            whole = (slice(None),) * axis
            first, second = (*whole, slice(None, half)), (*whole, slice(half, None))
            halves = [inputs[first], inputs[second]]
            dtype = self.dtype_policy
            larger = keras.layers.Maximum(name=f"{self.name}_maximum", dtype=dtype)(halves)
            smaller = keras.layers.Minimum(name=f"{self.name}_minimum", dtype=dtype)(halves)
            join = keras.layers.Concatenate(axis=axis, name=self.name, dtype=dtype)
            outputs = join([larger, smaller])
        else:
            shape = [-1 if size is None else size for size in inputs.shape]
            pairs = ops.reshape(inputs, [*shape[:axis], channels // 2, 2, *shape[axis + 1 :]])
            outputs = ops.reshape(ops.sort(pairs, axis=axis + 1), shape)
        if self.k_coef_lip != 1.0:
            outputs = keras.layers.Rescaling(
                self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy
            )(outputs)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "pairing": self.pairing,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
