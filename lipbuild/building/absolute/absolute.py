from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


class Absolute(keras.layers.Layer):
    """[s, |t|] of the halves [s, t] of the last axis, exactly, without weights.

    What a converter or a SavedModel makes of it are operations of TensorFlow alone: no file names this class.
    """

    @abstractmethod
    def call(self, inputs: Any) -> Any:
        """Take the absolute value of the second half of the channels."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape


def signs(channels: int) -> NDArray[np.float32]:
    """1 for the first half of the channels and −1 for the second, so that [s, |t|] = max(x, signs · x)."""
    return np.repeat(np.array([1.0, -1.0], np.float32), channels // 2)
