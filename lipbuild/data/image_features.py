from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.decode_image import ImageError, decode
from lipbuild.data.features import Stage
from lipbuild.data.fingerprints import of_files
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import UnusableError
from lipbuild.reading.file import read_bytes


class ImageFeatures(StreamedFeatures):
    """Images, each in a file of its own, decoded as they are needed. Pixels are given in [0, 1].

    Args:
        files: The files.
        shape: Height, width and channels.
        resize: Whether images of another size are resized; a RefusedError where one has another and is not.
    """

    def __init__(self, files: Sequence[Path], shape: tuple[int, int, int], *, resize: bool) -> None:
        super().__init__(len(files), shape, np.dtype(np.uint8), 255.0)
        self._files = tuple(files)
        self._resize = resize

    def name_of(self, index: int) -> str:
        """Its file."""
        return str(self._files[index])

    @property
    def fingerprint(self) -> str:
        """Names, sizes and times of the files, and how they are decoded."""
        return of_files(self._files, self.shape, self._resize, "pillow")

    def reading(self) -> Sequence[Stage]:
        """Reading and decoding, image by image; batches are decoded beside each other."""
        import tensorflow as tf

        def read(indices: NDArray[np.int64]) -> NDArray[np.uint8]:
            images = np.empty((len(indices), *self.shape), np.uint8)
            for i, index in enumerate(indices):
                path = self._files[index]
                try:
                    images[i] = decode(read_bytes(path), self.shape, resize=self._resize)
                except UnusableError as error:
                    raise ImageError(error.message.removeprefix(f"{path}: ")) from None
            return images

        def decoded(indices: tf.Tensor) -> tf.Tensor:
            # It depends on the numbers alone: said to be stateless it may run ahead of the training.
            images = tf.numpy_function(read, [indices], tf.uint8, stateful=False)
            return tf.ensure_shape(images, [indices.shape[0], *self.shape])

        return [decoded]
