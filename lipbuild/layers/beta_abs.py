"""Absolute values of a share of the channels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.arguments import channel_axis, checked_data_format, checked_share
from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor
from lipbuild.shares import share_of


@keras.saving.register_keras_serializable(package="lipbuild")
class BetaAbs(LipschitzLayer, keras.layers.Layer):
    """`k [|x₁|, …, |xₘ|, xₘ₊₁, …, x_C]`, m the whole number nearest to βC.

    In place of ReLU. Its Lipschitz constant is k exactly, and gradients keep their norm: on each side of zero it
    is a change of signs. β = 1 is the absolute value. It costs less than sorting, and no product.

    Args:
        beta: The share β of the channels, above 0 and at most 1.
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes and a known number of channels.

    Output shape:
        The input's.

    Raises:
        ValueError: beta is out of its range, or no channel is nearest to its share.

    Reference:
        Hu, Hu & Fredrikson, LipNeXt: Scaling up Lipschitz-based certified robustness to billion-parameter models
        (ICLR 2026).
    """

    def __init__(
        self,
        beta: float = 0.5,
        data_format: str | None = "channels_last",
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        beta = checked_share(beta, "beta")
        data_format = checked_data_format(data_format)
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.beta = beta
        self.data_format = data_format
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Check that there are channels enough."""
        self._count(input_shape)

    def _count(self, input_shape: Any) -> int:
        channels = input_shape[channel_axis(self.data_format)]
        if channels is None:
            raise ValueError(
                f"BetaAbs needs a known channel axis. Received: input_shape={tuple(input_shape)}"
            )
        count = share_of(self.beta, channels)
        if not count:
            raise ValueError(f"beta={self.beta} of {channels} channels is none of them")
        return count

    def _fold(self, inputs: Any) -> Any:
        """The absolute values beside the rest."""
        count = self._count(inputs.shape)
        axis = 1 if self.data_format == "channels_first" else len(inputs.shape) - 1
        if count == inputs.shape[axis]:
            return ops.abs(inputs)
        before = (slice(None),) * axis
        parts = [(*before, slice(None, count)), (*before, slice(count, None))]
        folded, kept = (inputs[part] for part in parts)
        return ops.concatenate([ops.abs(folded), kept], axis=axis)

    def call(self, inputs: Any) -> Any:
        """Fold and scale."""
        outputs = self._fold(inputs)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations: two slices, an absolute value, and both beside each other."""
        outputs = self._fold(inputs)
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "data_format": self.data_format,
            "k_coef_lip": self.k_coef_lip,
        }
