"""The Keras classes, and what reads the data."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from lipbuild.data.raw import RawData
from lipbuild.layers import LipschitzLayer


@keras.saving.register_keras_serializable(package="acme")
class Mirror(keras.layers.Layer, LipschitzLayer):
    """y = −f·x. Its plain form is a layer of Keras's, which the prover reads."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return -self.factor * inputs

    def plain_call(self, inputs: Any) -> Any:
        return keras.layers.Rescaling(-self.factor, name=self.name)(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="acme")
class Sine(keras.layers.Layer):
    """y = sin(x)."""

    def call(self, inputs: Any) -> Any:
        return ops.sin(inputs)


@keras.saving.register_keras_serializable(package="acme")
class AcmeHinge(keras.losses.Loss):
    """The mean over the wrong classes of max(0, m − f_y + f_i)²."""

    def __init__(self, margin: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = ops.cast(y_true, y_pred.dtype)
        own = ops.sum(y_true * y_pred, axis=-1, keepdims=True)
        return ops.mean((1.0 - y_true) * ops.square(ops.relu(self.margin - own + y_pred)), axis=-1)


class MeanMargin(keras.metrics.MeanMetricWrapper):
    """The mean of f_y − max f_i."""

    def __init__(self, name: str = "MeanMargin", **kwargs: Any) -> None:
        super().__init__(_margins, name=name, **kwargs)


def _margins(y_true: Any, y_pred: Any) -> Any:
    y_true = ops.cast(y_true, y_pred.dtype)
    return ops.sum(y_true * y_pred, axis=-1) - ops.max(y_pred - 1e9 * y_true, axis=-1)


def load_rings(spec: Any, folder: Path, seed: int) -> RawData:
    """Points on rings of the radii 1 and 3."""
    del folder
    labels = np.arange(spec.samples) % 2
    angles = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, spec.samples)
    points = (1.0 + 2.0 * labels)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return RawData(points.astype(np.float32), labels)
