from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

# Rows that go through the network at once hold at most this many numbers.
_NUMBERS = 2**20


def class_margin(logits: Any, source: Any, target: Any) -> Any:
    """How far rows are from being given a target class: positive while they are not.

    z_source − z_target for several logits; f for a single one where the source is class 1, and −f where it is
    class 0.
    """
    if logits.shape[1] == 1:
        return tf.where(source == 1, logits[:, 0], -logits[:, 0])
    return tf.gather(logits, source, batch_dims=1) - tf.gather(logits, target, batch_dims=1)


def signed_output(outputs: Any, number: Any, sign: Any) -> Any:
    """One output of a row, times a sign of 1 or −1."""
    return tf.gather(outputs, number, batch_dims=1) * tf.cast(sign, outputs.dtype)


class Objective:
    """A number that an attack makes smaller, with its gradient with respect to the input.

    Args:
        model: A Keras model from (samples, *shape) to a vector.
        function: From the model's outputs and two whole numbers a row to the objective.
    """

    def __init__(self, model: keras.Model, function: Callable[[Any, Any, Any], Any] = class_margin) -> None:
        shape = model.inputs[0].shape[1:]
        # Not the model's own policy, which is float32 whatever its layers are.
        self.dtype = str(model.inputs[0].dtype)
        self._model, self._function = model, function
        self._rows = max(_NUMBERS // max(int(np.prod(shape)), 1), 1)
        rows = tf.TensorSpec((None,), tf.int32)
        signature = (tf.TensorSpec((None, *shape), self.dtype), rows, rows)
        self._value = tf.function(self._objective, input_signature=signature)
        self._both = tf.function(self._with_gradient, input_signature=signature)

    def value(self, x: Array, first: Labels, second: Labels) -> Array:
        """The objective, (rows,)."""
        return self._run(self._value, x, first, second)[0]

    def value_and_gradient(self, x: Array, first: Labels, second: Labels) -> tuple[Array, Array]:
        """The objective and its gradient, (rows,) and (rows, *shape)."""
        value, gradient = self._run(self._both, x, first, second)
        return value, gradient

    def _run(self, function: Any, x: Array, first: Labels, second: Labels) -> list[Array]:
        parts = []
        for start in range(0, max(len(x), 1), self._rows):
            part = slice(start, start + self._rows)
            numbers = (tf.constant(n[part], tf.int32) for n in (first, second))
            found = function(tf.constant(x[part], self.dtype), *numbers)
            parts.append([np.asarray(tensor, np.float64) for tensor in found])
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def _objective(self, x: Any, first: Any, second: Any) -> tuple[Any]:
        return (self._function(self._model(x, training=False), first, second),)

    def _with_gradient(self, x: Any, first: Any, second: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            [value] = self._objective(x, first, second)
        return value, tape.gradient(value, x)
