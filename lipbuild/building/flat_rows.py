from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf


class FlatRows(keras.layers.Layer):
    """`Flatten` with the size of a row as a constant of the graph, where Keras's reads the batch's size at run time."""

    def call(self, inputs: Any) -> Any:
        """Reshape."""
        return tf.reshape(inputs, [-1, math.prod(inputs.shape[1:])])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(batch, size of a row)."""
        return (input_shape[0], math.prod(input_shape[1:]))
