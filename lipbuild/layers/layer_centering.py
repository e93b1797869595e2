"""Subtracting the mean over each sample's pixels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.centering import Centering


@keras.saving.register_keras_serializable(package="lipbuild")
class LayerCentering(Centering):
    """`k (x - mean of x over its pixels) + bias`, per sample and channel.

    In place of `keras.layers.LayerNormalization`, without its division, whose constant is 31 and more. It
    projects onto the images of mean 0: linear, with the constant k exactly, the same in training and at
    inference. On inputs of shape (batch, features) the mean is over the features.

    It costs a mean and a subtraction.

    Args:
        use_bias: Whether to add a learned bias.
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the channel axis has to be known.

    Output shape:
        Same as the input.
    """

    def _centered(self, inputs: Any, bias: Any) -> Any:
        rank = len(inputs.shape)
        if rank == 2:
            axes = [1]
        else:
            channel = 1 if self.data_format == "channels_first" else rank - 1
            axes = [i for i in range(1, rank) if i != channel]
        outputs = inputs - ops.mean(inputs, axis=axes, keepdims=True)
        if self.k_coef_lip != 1.0:
            outputs = outputs * self.k_coef_lip
        return outputs if bias is None else outputs + ops.reshape(bias, self._broadcast_shape(rank))

    def call(self, inputs: Any) -> Any:
        """Subtract the mean."""
        return self._centered(inputs, None if self.bias is None else ops.convert_to_tensor(self.bias))

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations, with the bias as a constant."""
        return self._centered(inputs, None if self.bias is None else ops.convert_to_numpy(self.bias))
