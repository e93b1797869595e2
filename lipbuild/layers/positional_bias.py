"""A learned offset for each position."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


@keras.saving.register_keras_serializable(package="lipbuild")
class PositionalBias(LipschitzLayer, keras.layers.Layer):
    """`k x + b` with a learned b of the shape of x: a network that mixes space by shifts learns where it is.

    A translation: its Lipschitz constant is k exactly, and gradients keep their norm. It costs a sum.

    Args:
        bias_initializer: Initializer of b.
        bias_regularizer: Regularizer of b.
        k_coef_lip: The Lipschitz constant k.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        Any whose sizes are known.

    Output shape:
        The input's.

    Raises:
        ValueError: A size of the input is unknown.

    Reference:
        Hu, Hu & Fredrikson, LipNeXt: Scaling up Lipschitz-based certified robustness to billion-parameter models
        (ICLR 2026).
    """

    def __init__(
        self,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        k_coef_lip: float = 1.0,
        **kwargs: Any,
    ) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.k_coef_lip = k_coef_lip
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        self.bias: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the bias."""
        shape = tuple(input_shape)[1:]
        if None in shape:
            raise ValueError(
                f"PositionalBias has a number for each value of a sample. Received: input_shape={input_shape}"
            )
        self.bias = self.add_weight(
            name="bias", shape=shape, initializer=self.bias_initializer, regularizer=self.bias_regularizer
        )

    def call(self, inputs: Any) -> Any:
        """Scale and move."""
        outputs = inputs if self.k_coef_lip == 1.0 else inputs * self.k_coef_lip
        return outputs + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """A factor and a bias for each value, as a depthwise convolution of one value: no layer of Keras only adds."""
        shape = tuple(inputs.shape)[1:]
        size = math.prod(shape)
        policy = {"dtype": self.dtype_policy}
        values = keras.layers.Reshape((1, size), name=f"{self.name}_row", **policy)(inputs)
        move = keras.layers.DepthwiseConv1D(1, name=f"{self.name}_bias", **policy)
        outputs = keras.layers.Reshape(shape, name=f"{self.name}_shape", **policy)(move(values))
        factors = np.full((1, size, 1), self.k_coef_lip, np.float32)
        move.set_weights([factors, np.ravel(ops.convert_to_numpy(self.bias))])
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "k_coef_lip": self.k_coef_lip,
        }
