from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from lipbuild.building.absolute.absolute import Absolute, signs

_ALL_BITS = np.int32(-1)
_ALL_BUT_SIGN = np.int32(0x7FFFFFFF)


class SignBitAbsolute(Absolute):
    """For TensorFlow: the sign bits of the second half are cleared, in one pass, in place where nobody else reads.

    A mask as long as a row of pixels is laid over them, since a broadcast over few channels is slow. The gradient
    is written by hand: bits have none.
    """

    def call(self, inputs: Any) -> Any:
        """Clear the bits."""
        channels = int(inputs.shape[-1])
        repeated = (
            1 if len(inputs.shape) == 2 or None in inputs.shape[2:-1] else math.prod(inputs.shape[2:-1])
        )
        masks = np.where(signs(channels) > 0.0, _ALL_BITS, _ALL_BUT_SIGN)
        row = np.tile(masks, repeated)
        shape = [-1, *inputs.shape[1:]] if None not in inputs.shape[1:] else tf.shape(inputs)

        @tf.custom_gradient
        def absolute(x: Any) -> Any:
            bits = tf.bitcast(tf.reshape(x, [-1, row.size]), tf.int32)
            y = tf.reshape(tf.bitcast(tf.bitwise.bitwise_and(bits, row), tf.float32), shape)

            def gradient(upstream: Any) -> Any:
                return tf.where(tf.equal(x, y), upstream, -upstream)

            return y, gradient

        return absolute(inputs)
