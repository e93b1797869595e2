from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lipbuild.metrics import BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy
from lipbuild.metrics.margin import binary_margin, multiclass_margin

_CERTIFIED = (BinaryProvableRobustAccuracy, CategoricalProvableRobustAccuracy)


class Meters:
    """The loss and the metrics, summed over the batches of an epoch.

    The loss and the accuracies at all radii are kept in one vector of sums, and the margin that they come from is
    computed once: metrics that each do so by themselves take as long as a good part of a small network's step.

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
        self._radii = tf.constant([metric.epsilon for metric in self._certified], tf.float32)
        # The number of samples, and the loss and each accuracy times it.
        self._sums = tf.Variable(tf.zeros(2 + len(self._certified), tf.float64), trainable=False)
        self.variables: list[Any] = [
            self._sums,
            *(variable for metric in self._others for variable in metric.variables),
        ]

    def take(self, loss: tf.Tensor, labels: tf.Tensor, outputs: tf.Tensor) -> None:
        """Take a batch; in a graph."""
        count = tf.cast(tf.shape(outputs)[0], tf.float32)
        sums = tf.stack([count, loss * count])
        if self._certified:
            sums = tf.concat([sums, self._count_certified(labels, outputs)], axis=0)
        self._sums.assign_add(tf.cast(sums, tf.float64))
        for metric in self._others:
            metric.update_state(labels, outputs)

    def _count_certified(self, labels: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """The number of samples that are right at each radius, by the formula of the metrics themselves."""
        metric = self._certified[0]
        if isinstance(metric, CategoricalProvableRobustAccuracy):
            margin, factor = multiclass_margin(labels, outputs), metric.certificate_factor
        else:
            margin, factor = tf.reshape(binary_margin(labels, outputs), [-1]), metric.lip_const
        margin = margin[:, tf.newaxis]
        certified = tf.logical_and(margin > 0.0, margin / factor >= self._radii)
        return tf.reduce_sum(tf.cast(certified, tf.float32), axis=0)

    def results(self) -> dict[str, float]:
        """The means so far, by name; NaN where there was no sample."""
        count, *sums = self._sums.numpy().tolist()
        found = dict(zip(["loss", *(metric.name for metric in self._certified)], sums))
        found = {name: value / count if count else float("nan") for name, value in found.items()}
        found |= {metric.name: float(metric.result()) for metric in self._others}
        return {name: found[name] for name in self.names}

    def reset(self) -> None:
        """Start anew."""
        self._sums.assign(tf.zeros_like(self._sums))
        for metric in self._others:
            metric.reset_state()


def _is_like(metric: keras.metrics.Metric, other: keras.metrics.Metric) -> bool:
    """Whether two metrics differ in their radius alone."""
    return type(metric) is type(other) and {**metric.get_config(), "name": "", "epsilon": 0} == {
        **other.get_config(),
        "name": "",
        "epsilon": 0,
    }
