"""Subtracting the mean over the batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.batch_mean import batch_mean
from lipbuild.layers.centering import Centering


@keras.saving.register_keras_serializable(package="lipbuild")
class BatchCentering(Centering):
    """`k (x - mean) + bias` per channel: the mean of the batch in training, a running mean at inference.

    In place of `keras.layers.BatchNormalization`, without its division, which has no useful Lipschitz
    constant. At inference the mean is a constant, so the layer is a translation and its constant k exactly.
    In training a sample also moves the others' mean; the constant that is stated is that of inference, as
    with every certificate.

    It costs a mean over the batch in training, and a subtraction at inference.

    Args:
        momentum: Weight of a batch in the running mean, in (0, 1]. The first batch sets it.
        use_bias: Whether to add a learned bias.
        data_format: Where the channels are: "channels_last" (default) or "channels_first".
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        Any with at least two axes; the channel axis has to be known.

    Output shape:
        Same as the input.

    Raises:
        ValueError: Momentum is outside (0, 1].
    """

    def __init__(
        self,
        momentum: float = 0.05,
        use_bias: bool = True,
        data_format: str | None = "channels_last",
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if isinstance(momentum, bool) or not isinstance(momentum, (int, float)) or not 0 < momentum <= 1:
            raise ValueError(f"momentum must be in (0, 1]. Received: momentum={momentum!r}")
        super().__init__(use_bias=use_bias, data_format=data_format, k_coef_lip=k_coef_lip, **kwargs)
        self.momentum = float(momentum)
        self.running_mean: Any = None
        self.seen: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the running mean and the bias."""
        super().build(input_shape)
        self.running_mean = self.add_weight(
            name="running_mean", shape=(self._channels(input_shape),), initializer="zeros", trainable=False
        )
        self.seen = self.add_weight(
            name="seen", shape=(), initializer="zeros", trainable=False, dtype="float32", autocast=False
        )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Subtract the batch's mean in training, else the running one."""
        rank = len(inputs.shape)
        shape = self._broadcast_shape(rank)
        if training and self.trainable:
            axis = 1 if self.data_format == "channels_first" else rank - 1
            # Half-precision sums over a batch overflow.
            mean = batch_mean(ops.cast(inputs, "float32"), [i for i in range(rank) if i != axis])
            momentum = ops.where(self.seen > 0.0, self.momentum, 1.0)
            running = ops.cast(self.running_mean, "float32")
            self.running_mean.assign(running + momentum * (ops.stop_gradient(mean) - running))
            self.seen.assign(ops.ones((), "float32"))
            mean = ops.cast(mean, inputs.dtype)
        else:
            mean = ops.cast(self.running_mean, inputs.dtype)
        outputs = inputs - ops.reshape(mean, shape)
        if self.k_coef_lip != 1.0:
            outputs = outputs * self.k_coef_lip
        return outputs if self.bias is None else outputs + ops.reshape(self.bias, shape)

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations, with the running mean and the bias as one constant."""
        shift = -self.k_coef_lip * ops.convert_to_numpy(self.running_mean)
        if self.bias is not None:
            shift = shift + ops.convert_to_numpy(self.bias)
        shift = shift.reshape(self._broadcast_shape(len(inputs.shape)))
        return (inputs * self.k_coef_lip if self.k_coef_lip != 1.0 else inputs) + shift

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "momentum": self.momentum}
