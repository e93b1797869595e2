from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lipbuild.config.choices import AverageSpec
from lipbuild.training.variables import values_of


class WeightAverage:
    """A running average of a model's weights: exponential over steps (EMA), or plain over epochs (SWA).

    With n sets of weights taken so far, the next has the share max(1/(n + 1), 1 − momentum): the plain mean until
    that forgets faster than it should, so that the average of a short training is not that of its first weights.

    An average of orthogonal kernels is not orthogonal. What is measured and saved are the averages brought back
    to their constraints, see `settle`.

    Args:
        model: The model that is trained.
        spec: What the config says.
        epochs: The number of epochs of the training.
    """

    def __init__(self, model: keras.Model, spec: AverageSpec, epochs: int) -> None:
        self._sources = [variable.value for variable in model.weights]
        self._share = 1.0 - spec.keeps
        self._each_step = spec.each_step
        self._first_epoch = spec.first_epoch(epochs)
        self._means = [tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False) for v in self._sources]
        self._taken = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._take = tf.function(self.take, autograph=False)

    @property
    def each_step(self) -> bool:
        """Whether weights are taken after each step, rather than after each epoch."""
        return self._each_step

    @property
    def variables(self) -> list[Any]:
        """What a checkpoint keeps of it."""
        return [self._taken, *self._means]

    def take(self) -> None:
        """Take the present weights into the average; in a compiled step, or by itself."""
        taken = tf.cast(self._taken, tf.float64)
        share = tf.maximum(1.0 / (taken + 1.0), self._share)
        for mean, source in zip(self._means, self._sources):
            value = tf.convert_to_tensor(source)
            mean.assign_add((value - mean) * tf.cast(share, mean.dtype))
        self._taken.assign_add(1)

    def end_epoch(self, epoch: int) -> None:
        """Take the weights of an epoch (from 0), where they are averaged by epochs and it is late enough."""
        if not self._each_step and epoch >= self._first_epoch:
            self._take()

    def values(self) -> Sequence[np.ndarray] | None:
        """The averages, not yet within their constraints; None as long as nothing has been taken."""
        if int(self._taken) == 0:
            return None
        return values_of(self._means)
