from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.array_features import divided
from lipbuild.data.features import Stage
from lipbuild.data.fingerprints import of_files
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import RefusedError


class MappedFeatures(StreamedFeatures):
    """Inputs in `.npy` files that the operating system maps into memory page by page.

    Args:
        arrays: The arrays, samples first, which are joined; mapped ones (`numpy.memmap`) are not read for it.
        files: The files that they are in.
        divisor: What the values are divided by.

    Raises:
        RefusedError: They do not fit together.
    """

    def __init__(
        self, arrays: Sequence[NDArray[np.generic]], files: Sequence[Path] = (), divisor: float = 1.0
    ) -> None:
        first = arrays[0]
        for array in arrays:
            if array.shape[1:] != first.shape[1:] or array.dtype != first.dtype:
                raise RefusedError(
                    f"the parts of the data have samples of {first.shape[1:]} ({first.dtype}) and of "
                    f"{array.shape[1:]} ({array.dtype})"
                )
        super().__init__(sum(len(array) for array in arrays), first.shape[1:], first.dtype, divisor)
        self._arrays = tuple(arrays)
        self._files = tuple(files)
        self._starts = np.cumsum([0, *(len(array) for array in arrays)])

    @property
    def fingerprint(self) -> str:
        """Names, sizes and times of the files; what is in them where they are not known."""
        if self._files:
            return of_files(self._files)
        digest = hashlib.sha256(repr([(array.shape, str(array.dtype)) for array in self._arrays]).encode())
        for chunk in self.chunks():
            digest.update(np.ascontiguousarray(self.rows(np.arange(chunk.start, chunk.stop))).tobytes())
        return digest.hexdigest()

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.generic]:
        """Some samples as they are stored, (indices, *shape)."""
        if len(self._arrays) == 1:
            return self._arrays[0][indices]
        result: NDArray[np.generic] = np.empty((len(indices), *self.shape), self.dtype)
        which = np.searchsorted(self._starts, indices, side="right") - 1
        for number, array in enumerate(self._arrays):
            chosen = which == number
            result[chosen] = array[indices[chosen] - self._starts[number]]
        return result

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some samples, (indices, *shape)."""
        return divided(self.rows(indices), np.float32(self.divisor))

    def take_stored(self, indices: NDArray[np.int64]) -> NDArray[np.generic]:
        """Some samples as they are stored, (indices, *shape)."""
        return self.rows(indices)

    def reading(self) -> Sequence[Stage]:
        """One look-up, by NumPy."""
        import tensorflow as tf

        def look_up(indices: tf.Tensor) -> tf.Tensor:
            # It depends on the numbers alone: said to be stateless it may run ahead of the training.
            values = tf.numpy_function(self.rows, [indices], tf.as_dtype(self.dtype), stateful=False)
            return tf.ensure_shape(values, [indices.shape[0], *self.shape])

        return [look_up]
