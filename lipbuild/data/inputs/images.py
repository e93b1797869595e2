from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lipbuild.data.decode_image import MODES, ImageError, decode
from lipbuild.data.inputs.inputs import Inputs
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.network.shapes import Shape, format_shape
from lipbuild.reading.file import read_bytes


def read_images(paths: Sequence[Path], shape: Shape, largest: float = 1.0, *, resize: bool = False) -> Inputs:
    """Images as a network takes them, in grey or in colour as it has channels, decoded as in its training.

    Args:
        paths: The files.
        shape: (height, width, channels) of the network.
        largest: What a pixel of 255 becomes; 0 stays 0.
        resize: Whether images of another size are resized.

    Raises:
        UnusableError: A file cannot be read.
        RefusedError: The network takes no images, or an image has another size.
    """
    if len(shape) != 3 or shape[2] not in MODES:
        raise RefusedError(f"the network takes {format_shape(shape)}, which is no image")
    parts = []
    for path in paths:
        content = read_bytes(path)
        try:
            pixels = decode(content, shape if resize else (None, None, shape[2]), resize=resize)
        except ImageError as error:
            raise UnusableError(f"{path}: it cannot be read as an image: {error}") from None
        if any(n is not None and n != m for n, m in zip(shape, pixels.shape)):
            raise RefusedError(
                f"{path}: the image is {format_shape(pixels.shape)}, and the network takes {format_shape(shape)}",
                "resize it as the training data was",
            )
        # As in training: float32, divided by 255.
        parts.append(pixels.astype(np.float32) / np.float32(255.0) * np.float32(largest))
    return Inputs(tuple(str(path) for path in paths), np.stack(parts))
