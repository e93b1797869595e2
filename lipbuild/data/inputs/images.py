from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.config.sources.images import ImageFolder
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.config.sources.streams import TFRecord
from lipbuild.data.decode_image import MODES, ImageError
from lipbuild.data.inputs.inputs import Inputs
from lipbuild.data.inputs.pixels import pixels_of
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.network.shapes import Shape, format_shape
from lipbuild.reading.file import read_bytes


def describe_images(source: SourceSpec | None, shape: Sequence[int | None]) -> dict[str, Any] | None:
    """How image files become inputs, for a data contract and the metadata of an export; None where none do.

    Args:
        source: Where the training's data comes from.
        shape: (height, width, channels).
    """
    if isinstance(source, TFRecord) and source.encoding != "image":
        return None
    if not isinstance(source, (ImageFolder, TFRecord)):
        return None
    height, width, channels = shape
    return {
        "decoder": "Pillow",
        "size": [height, width],
        "resized": isinstance(source, ImageFolder) and source.size is not None,
        "channels": channels,
        "range": [0.0, 1.0],
    }


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
        raise RefusedError(f"the network takes {format_shape(shape)}, which is not an image")
    parts = []
    for path in paths:
        content = read_bytes(path)
        try:
            taken = shape if resize else (None, None, shape[2])
            pixels = pixels_of(content, taken, largest, resize=resize)
        except ImageError as error:
            raise UnusableError(f"{path}: it cannot be read as an image: {error}") from None
        if any(n is not None and n != m for n, m in zip(shape, pixels.shape)):
            raise RefusedError(
                f"{path}: the image is {format_shape(pixels.shape)}, and the network takes {format_shape(shape)}",
                "resize it as the training data was",
            )
        parts.append(pixels)
    return Inputs(tuple(str(path) for path in paths), np.stack(parts))
