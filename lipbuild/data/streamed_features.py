from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.features import Features, Stage
from lipbuild.data.mapped import mapped
from lipbuild.data.read_errors import reason_of
from lipbuild.errors import RefusedError

# About how many values are read at a time where all are wanted.
_VALUES = 8_000_000


class StreamedFeatures(Features):
    """Inputs that are read from files as they are needed.

    Args:
        samples: The number of samples.
        shape: The shape of one sample.
        dtype: The type of number in which they are read.
        divisor: What they are divided by afterwards: 255 for pixels that are given in [0, 1].
    """

    in_memory = False
    # Whether any sample is as quickly read as the next one.
    any_order = True

    def __init__(
        self, samples: int, shape: tuple[int, ...], dtype: np.dtype[np.generic], divisor: float = 1.0
    ) -> None:
        self._samples = samples
        self._shape = shape
        self.dtype = dtype
        self.divisor = divisor

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self._shape

    @property
    def always_finite(self) -> bool:
        """Whether they are whole numbers."""
        return self.dtype.kind in "iub"

    def __len__(self) -> int:
        return self._samples

    @property
    def decoded_bytes(self) -> int:
        """What all samples take in memory."""
        return len(self) * math.prod(self.shape) * self.dtype.itemsize

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """What tells these samples from others: names, sizes and times of the files, and how they are read."""

    @abstractmethod
    def reading(self) -> Sequence[Stage]:
        """The steps from sample numbers to (numbers, *shape) in `dtype`, not divided yet."""

    def stages(self) -> Sequence[Stage]:
        """Reading, and the division."""
        import tensorflow as tf

        divisor = np.float32(self.divisor)

        def as_float(values: tf.Tensor) -> tf.Tensor:
            single = tf.cast(values, tf.float32)
            return single if divisor == 1.0 else single / divisor

        return [*self.reading(), as_float]

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some samples, (indices, *shape)."""
        result = np.empty((len(indices), *self.shape), np.float32)
        self._read(self.stages(), indices, result)
        return result

    def take_stored(self, indices: NDArray[np.int64]) -> NDArray[np.generic]:
        """Some samples as they are read, (indices, *shape) in `dtype`."""
        result: NDArray[np.generic] = np.empty((len(indices), *self.shape), self.dtype)
        self._read(self.reading(), indices, result)
        return result

    def chunks(self) -> Iterator[slice]:
        """All sample numbers, so many at a time as are read at once."""
        size = max(1, _VALUES // max(1, int(np.prod(self.shape))))
        return (slice(start, min(start + size, len(self))) for start in range(0, len(self), size))

    def load(self) -> ArrayFeatures:
        """All of them, in memory."""
        return ArrayFeatures(self.take_stored(np.arange(len(self))), self.divisor)

    def with_channel(self) -> Features:
        """The same samples with a last axis of size 1."""
        from lipbuild.data.reshaped_features import ReshapedFeatures

        return ReshapedFeatures(self, (*self.shape, 1))

    def name_of(self, index: int) -> str:
        """What a message calls a sample."""
        return f"sample {index}"

    def _read(self, stages: Sequence[Stage], indices: NDArray[np.int64], result: NDArray[np.generic]) -> None:
        import tensorflow as tf

        size = max(1, _VALUES // max(1, 32 * int(np.prod(self.shape))))
        data = tf.data.Dataset.from_tensor_slices(indices.astype(np.int64)).batch(size)
        for number, stage in enumerate(stages):
            # What is found only by way of what is before it is read by one thread, in order.
            data = mapped(data, stage) if self.any_order or number else data.map(stage)
        start = 0
        try:
            for values in data.as_numpy_iterator():
                result[start : start + len(values)] = values
                start += len(values)
        except tf.errors.OpError as error:
            self._blame(stages, indices[start : start + size], error)

    def _blame(self, stages: Sequence[Stage], indices: NDArray[np.int64], error: Exception) -> NoReturn:
        """Find the sample that cannot be read, among a few of which one cannot."""
        import tensorflow as tf

        for index in indices:
            data = tf.data.Dataset.from_tensors(np.array([index], np.int64))
            for stage in stages:
                data = mapped(data, stage)
            try:
                list(data)
            except tf.errors.OpError as own:
                raise RefusedError(
                    f"{self.name_of(int(index))}: {reason_of(own)}", "remove or repair it"
                ) from None
        raise RefusedError(f"its samples cannot be read: {reason_of(error)}", "try again: each can by itself")
