from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.features import Stage
from lipbuild.data.fingerprints import of_files
from lipbuild.data.record_store import RecordStore
from lipbuild.data.streamed_features import StreamedFeatures


class RecordFeatures(StreamedFeatures):
    """Inputs inside records, parsed and decoded as they are needed.

    Args:
        store: The records.
        files: The files that they are in.
        decode: A batch of records (strings) to (records, *shape) in `dtype`, as a TensorFlow function.
        shape: The shape of one sample.
        dtype: The type of number that decoding gives.
        divisor: What the values are divided by.
        how: What else decides what is decoded, for the fingerprint.
        looked_at: Whether all numbers are known to be finite.
    """

    def __init__(
        self,
        store: RecordStore,
        files: Sequence[Path],
        decode: Callable[[Any], Any],
        shape: tuple[int, ...],
        dtype: np.dtype[np.generic],
        divisor: float,
        how: object,
        looked_at: bool,
    ) -> None:
        super().__init__(len(store), shape, dtype, divisor)
        self._store = store
        self.any_order = store.any_order
        self._files = tuple(files)
        self._decode = decode
        self._how = how
        self._looked_at = looked_at

    @property
    def always_finite(self) -> bool:
        """Whether they are whole numbers, or have been looked at."""
        return self._looked_at or super().always_finite

    @property
    def fingerprint(self) -> str:
        """Names, sizes and times of the files, and how they are decoded."""
        return of_files(self._files, self.shape, str(self.dtype), self.divisor, self._how)

    def reading(self) -> Sequence[Stage]:
        """Looking records up, and decoding them: each beside the other."""
        import tensorflow as tf

        def read(indices: NDArray[np.int64]) -> NDArray[np.object_]:
            return np.array(self._store.read(indices), dtype=object)

        def look_up(indices: tf.Tensor) -> tf.Tensor:
            # It depends on the numbers alone: said to be stateless it may run ahead of the training.
            contents = tf.numpy_function(read, [indices], tf.string, stateful=False)
            return tf.ensure_shape(contents, [indices.shape[0]])

        def decode(contents: tf.Tensor) -> tf.Tensor:
            return tf.ensure_shape(self._decode(contents), [contents.shape[0], *self.shape])

        return [look_up, decode]
