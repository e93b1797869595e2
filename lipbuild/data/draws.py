from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf


@dataclass
class Draws:
    """Random numbers for a slice of a batch.

    They are drawn for the whole batch and those of the slice are kept, so that a sample is changed in the same way
    however a batch is divided.

    Attributes:
        key: A stateless seed of the epoch and the step. Equal keys give equal numbers.
        batch_size: The number of samples of a full batch.
        begin: The first sample of the slice.
        end: The sample after its last.
    """

    key: Any
    batch_size: int
    begin: Any
    end: Any
    _drawn: int = field(default=0, init=False)

    def uniform(self, low: float = 0.0, high: float = 1.0, shape: tuple[int, ...] = ()) -> Any:
        """Numbers in [low, high), (samples, *shape)."""
        return self._own(
            tf.random.stateless_uniform([self.batch_size, *shape], self._next(), low, high, tf.float32)
        )

    def integers(self, low: int, high: int, shape: tuple[int, ...] = ()) -> Any:
        """Whole numbers from low to high, both included, (samples, *shape)."""
        whole = tf.random.stateless_uniform([self.batch_size, *shape], self._next(), low, high + 1, tf.int32)
        return self._own(whole)

    def normal(self, shape: tuple[int, ...]) -> Any:
        """Standard normal numbers, (samples, *shape)."""
        return self._own(
            tf.random.stateless_normal([self.batch_size, *shape], self._next(), dtype=tf.float32)
        )

    def gamma(self, alpha: float, shape: tuple[int, ...] = ()) -> Any:
        """Numbers of the gamma distribution with rate 1, (samples, *shape)."""
        return self._own(
            tf.random.stateless_gamma([self.batch_size, *shape], self._next(), alpha, dtype=tf.float32)
        )

    def seed(self) -> Any:
        """A stateless seed of its own, for numbers that are drawn elsewhere."""
        return self._next()

    def _next(self) -> Any:
        self._drawn += 1
        return tf.random.experimental.stateless_fold_in(self.key, self._drawn)

    def _own(self, whole: Any) -> Any:
        return whole[self.begin : self.end]
