from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.data.decode_image import decode_image
from lipbuild.data.features import Stage
from lipbuild.data.fingerprints import of_files
from lipbuild.data.streamed_features import StreamedFeatures


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
        """Names, sizes and times of the files, and the size that they are given."""
        return of_files(self._files, self.shape, self._resize)

    def reading(self) -> Sequence[Stage]:
        """Reading and decoding, image by image; batches are decoded beside each other."""
        import tensorflow as tf

        names = tf.constant([str(file) for file in self._files])
        bitmaps = any(file.suffix.lower() in (".bmp", ".gif") for file in self._files)

        def one(name: Any) -> Any:
            return decode_image(tf.io.read_file(name), self.shape, resize=self._resize, bitmaps=bitmaps)

        def read(indices: tf.Tensor) -> tf.Tensor:
            return tf.map_fn(
                one, tf.gather(names, indices), fn_output_signature=tf.TensorSpec(self.shape, tf.uint8)
            )

        return [read]
