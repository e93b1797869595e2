"""The sums of an epoch against the metrics that they stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from lipbuild.config.choices import METRICS, Task
from lipbuild.training.compile import keras_metrics
from lipbuild.training.meters import Meters

EXTRA: dict[Task, list[str]] = {
    "multiclass": ["TopKCategoricalAccuracy", "CategoricalProvableAvgRobustness", "MulticlassKR"],
    "binary": ["BinaryProvableAvgRobustness", "KR"],
    "regression": ["RootMeanSquaredError"],
}


@pytest.mark.parametrize("task", EXTRA)
def test_every_metric_is_what_it_is_by_itself(task: Task) -> None:
    rng = np.random.default_rng(0)
    columns = {"multiclass": 4, "binary": 1, "regression": 2}[task]
    outputs = rng.normal(size=(50, columns)).astype(np.float32)
    outputs[:3] = outputs[:3, :1]  # a tie is never right
    labels = {
        "multiclass": np.eye(4, dtype=np.float32)[rng.integers(4, size=50)],
        "binary": rng.choice([-1.0, 1.0], size=(50, 1)).astype(np.float32),
        "regression": rng.normal(size=(50, 2)).astype(np.float32),
    }[task]

    def made() -> list:
        return keras_metrics(task, 0.7, [0.3, 0.9], [METRICS[name]() for name in EXTRA[task]])

    meters, metrics = Meters(made()), made()
    take = tf.function(meters.take, autograph=False)
    for _ in range(2):
        meters.reset()
        assert math.isnan(meters.results()["loss"])
        for start, end, loss in ((0, 30, 1.0), (30, 50, 2.0)):
            some = tf.constant(labels[start:end]), tf.constant(outputs[start:end])
            take(*some)
            meters.note(tf.constant(loss), *some)
    for start, end in ((0, 30), (30, 50)):
        for metric in metrics:
            metric.update_state(labels[start:end], outputs[start:end])
    found = meters.results()
    assert list(found) == meters.names == ["loss", *(metric.name for metric in metrics)]
    assert found["loss"] == pytest.approx((30 * 1.0 + 20 * 2.0) / 50)
    for metric in metrics:
        assert found[metric.name] == pytest.approx(float(metric.result()), rel=1e-6), metric.name
    if task != "regression":
        assert 0 < found["certified_0.9"] < found["certified_0.3"] < found["accuracy"] < 1
