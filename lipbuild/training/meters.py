from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lipbuild.metrics import BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy
from lipbuild.metrics.margin import binary_margin, multiclass_margin

# At most so many batches, and about so many outputs, are counted at once.
_BATCHES = 128
_OUTPUTS = 2**20
_CERTIFIED = (BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy)


class Meters:
    """The loss and the metrics, summed over the batches of an epoch.

    Clean and certified accuracies are counts of samples, for which it does not matter when they are made: outputs are
    noted and counted together, for several steps and all radii at once. Losses are noted with them and added up one
    by one, so that the sum does not depend on when. Metrics that each do so by themselves at each step would take as
    long as a good part of a small network's step.

    Args:
        metrics: What is measured besides the loss.

    Attributes:
        names: The names, the loss first.
        variables: Where the sums are kept.
    """

    def __init__(self, metrics: Sequence[keras.metrics.Metric]) -> None:
        self.names = ["loss", *(metric.name for metric in metrics)]
        # Those of one kind, with one constant: what makes a margin a radius is the same for all of them.
        first = next((metric for metric in metrics if isinstance(metric, _CERTIFIED)), None)
        self._certified = [metric for metric in metrics if first is not None and _is_like(metric, first)]
        self._others = [metric for metric in metrics if metric not in self._certified]
        self._radii = tf.constant([metric.epsilon for metric in self._certified], keras.config.floatx())
        # The number of samples and the loss times it; how many of the samples are right at each radius.
        self._sums = tf.Variable(tf.zeros(2, tf.float64), trainable=False)
        self._counts = tf.Variable(tf.zeros(len(self._certified), tf.float64), trainable=False)
        self._noted: list[tuple[tf.Tensor, tf.Tensor, tf.Tensor]] = []
        self._outputs = 0
        self._count = tf.function(self._count_certified, autograph=False, reduce_retracing=True)
        self.variables: list[Any] = [
            self._sums,
            self._counts,
            *(variable for metric in self._others for variable in metric.variables),
        ]

    def take(self, labels: tf.Tensor, outputs: tf.Tensor) -> None:
        """Take a batch into the metrics that cannot be counted later; in a graph."""
        for metric in self._others:
            metric.update_state(labels, outputs)

    def note(self, loss: tf.Tensor, labels: tf.Tensor, outputs: tf.Tensor) -> None:
        """Note a batch that has been taken, to be counted."""
        self._noted.append((loss, labels, outputs))
        self._outputs += math.prod(outputs.shape)
        if len(self._noted) == _BATCHES or self._outputs >= _OUTPUTS:
            self.count()

    def count(self) -> None:
        """Count what has been noted. The variables are up to date then."""
        if not self._noted:
            return
        losses, *values = zip(*self._noted)
        samples, total = (float(value) for value in self._sums.numpy())
        for loss, outputs in zip(losses, values[1]):
            samples += outputs.shape[0]
            total += float(loss) * outputs.shape[0]
        self._sums.assign([samples, total])
        if self._certified:
            self._count(*(tf.concat(value, axis=0) for value in values))
        self._forget()

    def _forget(self) -> None:
        self._noted.clear()
        self._outputs = 0

    def _count_certified(self, labels: tf.Tensor, outputs: tf.Tensor) -> None:
        """Add the number of samples that are right at each radius, by the formula of the metrics themselves."""
        metric = self._certified[0]
        if isinstance(metric, CategoricalProvableRobustAccuracy):
            margin, factor = multiclass_margin(labels, outputs), metric.certificate_factor
        else:
            margin, factor = tf.reshape(binary_margin(labels, outputs), [-1]), metric.lip_const
        margin = margin[:, tf.newaxis]
        certified = tf.logical_and(margin > 0.0, margin / factor >= self._radii)
        self._counts.assign_add(tf.reduce_sum(tf.cast(certified, tf.float64), axis=0))

    def results(self) -> dict[str, float]:
        """The means so far, by name; NaN where there was no sample."""
        self.count()
        samples, loss = (float(value) for value in self._sums.numpy())
        totals = [loss, *(float(value) for value in self._counts.numpy())]
        names = ["loss", *(metric.name for metric in self._certified)]
        found = {name: total / samples if samples else math.nan for name, total in zip(names, totals)}
        found |= {metric.name: float(metric.result()) for metric in self._others}
        return {name: found[name] for name in self.names}

    def reset(self) -> None:
        """Start anew."""
        self._forget()
        for sums in (self._sums, self._counts):
            sums.assign(tf.zeros_like(sums))
        for metric in self._others:
            metric.reset_state()


def _is_like(metric: keras.metrics.Metric, other: keras.metrics.Metric) -> bool:
    """Whether two metrics differ in their radius alone."""
    return type(metric) is type(other) and {**metric.get_config(), "name": "", "epsilon": 0} == {
        **other.get_config(),
        "name": "",
        "epsilon": 0,
    }
