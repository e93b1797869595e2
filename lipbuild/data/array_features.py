from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.features import Features, Stage


class ArrayFeatures(Features):
    """Inputs in memory, in whatever type of number they were given.

    Args:
        values: The inputs, samples first.
        divisor: What they are divided by: 255 for pixels that are given in [0, 1].
    """

    in_memory = True

    def __init__(self, values: NDArray[np.generic], divisor: float = 1.0) -> None:
        self._values = values
        self._divisor = np.float32(divisor)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self._values.shape[1:]

    @property
    def always_finite(self) -> bool:
        """Whether they are whole numbers."""
        return self._values.dtype.kind in "iub"

    def __len__(self) -> int:
        return len(self._values)

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some samples, (indices, *shape)."""
        return divided(self._values[indices], self._divisor)

    def stages(self) -> Sequence[Stage]:
        """One gathering."""
        import tensorflow as tf

        with tf.device("CPU:0"):
            table = tf.constant(self._values)
        divisor = self._divisor

        def gather(indices: tf.Tensor) -> tf.Tensor:
            values = tf.cast(tf.gather(table, indices), tf.float32)
            return values if divisor == 1.0 else values / divisor

        return [gather]

    def with_channel(self) -> ArrayFeatures:
        """The same samples with a last axis of size 1."""
        return ArrayFeatures(self._values[..., np.newaxis], float(self._divisor))


def divided(values: NDArray[np.generic], divisor: np.float32) -> NDArray[np.float32]:
    """Values in float32, over a divisor."""
    with np.errstate(over="ignore"):
        single: NDArray[np.float32] = values.astype(np.float32, copy=False)
    return single if divisor == 1.0 else np.divide(single, divisor, dtype=np.float32)
