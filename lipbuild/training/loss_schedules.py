from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from lipbuild.config.choices import LossSpec, ScheduleSpec
from lipbuild.config.invalid import wrong_with
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.training.schedules import keras_schedule

# An accelerator need not wait for single values, nor a small step for a call of TensorFlow.
_BLOCK = 256


class LossSchedules:
    """The parameters of a loss that change over the steps.

    Each value is a function of the number of steps that have been taken, so that a training which is resumed has those
    of one that was not interrupted. The variables are set before a step, which is compiled once.

    Args:
        spec: What the config says of the loss.
        graph: The network.
        loss: The loss that is learnt by.
        steps_per_epoch: The number of steps of an epoch.
        epochs: The number of epochs.

    Attributes:
        names: What changes, as it is called in `metrics.csv`.

    Raises:
        RefusedError: A schedule leaves the range of its parameter.
    """

    def __init__(
        self, spec: LossSpec, graph: Graph, loss: keras.losses.Loss, steps_per_epoch: int, epochs: int
    ) -> None:
        spec = spec.on(graph)
        driven = spec.driven(spec.constant_of(graph))
        steps = steps_per_epoch * epochs
        self.names = list(driven)
        self._schedules = [keras_schedule(schedule, steps_per_epoch, steps) for schedule in driven.values()]
        # A radius of which a margin was made is in no variable itself.
        found = [getattr(loss, name, None) for name in self.names]
        self._variables = [value if isinstance(value, keras.Variable) else None for value in found]
        self._set: list[float | None] = [None] * len(found)
        self._evaluate = tf.function(self._evaluate_block, autograph=False)
        self._first, self._rows = -1, np.empty((0, len(found)), np.float32)
        for step in (0, steps):
            for name, value in self.values(step).items():
                _check(spec, driven[name], name, value)

    def set(self, step: int) -> None:
        """Give the parameters their values after so many steps of the training."""
        if not self.names:
            return
        for index, value in enumerate(self._row(step)):
            variable = self._variables[index]
            if variable is not None and value != self._set[index]:
                variable.value.assign(value, read_value=False)
                self._set[index] = value

    def values(self, step: int) -> dict[str, float]:
        """The values after so many steps, by name."""
        return dict(zip(self.names, map(float, self._row(step)))) if self.names else {}

    def _row(self, step: int) -> NDArray[np.float32]:
        """The values after so many steps, from those of a block of steps that are computed at once."""
        first = step - step % _BLOCK
        if first != self._first:
            self._first, self._rows = first, self._evaluate(tf.constant(first, tf.int64)).numpy()
        row: NDArray[np.float32] = self._rows[step - first]
        return row

    def _evaluate_block(self, first: Any) -> Any:
        def evaluate(step: Any) -> Any:
            return tf.stack([tf.cast(schedule(step), tf.float32) for schedule in self._schedules])

        with tf.device("CPU:0"):
            return tf.map_fn(evaluate, tf.range(first, first + _BLOCK), fn_output_signature=tf.float32)


def _check(spec: LossSpec, schedule: ScheduleSpec, name: str, value: float) -> None:
    """Refuse a value out of a parameter's range that only the number of steps makes so."""
    for wrong in wrong_with(type(spec), name, value):
        raise RefusedError(
            f"`train.loss.{spec.kind}.{name}` {wrong.message}, and its schedule {schedule.kind} makes it {value:g}"
        )
