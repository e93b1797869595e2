from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lipbuild.data.inputs.inputs import Inputs
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.network.shapes import Shape, format_shape

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_images(paths: Sequence[Path], shape: Shape, largest: float = 1.0) -> Inputs:
    """Images as a network takes them, in grey or in colour as it has channels.

    Args:
        paths: The files.
        shape: (height, width, channels) of the network.
        largest: What a pixel of 255 becomes; 0 stays 0.

    Raises:
        UnusableError: A file cannot be read, or Pillow is not installed.
        RefusedError: The network takes no images, or an image has another size.
    """
    try:
        from PIL import Image
    except ImportError:
        raise UnusableError("Pillow is not installed", "pip install 'lipbuild[images]'") from None
    if len(shape) != 3 or shape[2] not in _MODES:
        raise RefusedError(f"the network takes {format_shape(shape)}, which is no image")
    parts = []
    for path in paths:
        try:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert(_MODES[shape[2] or 1]), np.float64)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise UnusableError(f"{path}: it cannot be read as an image: {error}") from None
        pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
        if any(n is not None and n != m for n, m in zip(shape, pixels.shape)):
            raise RefusedError(
                f"{path}: the image is {format_shape(pixels.shape)}, and the network takes {format_shape(shape)}",
                "resize it as the training data was",
            )
        parts.append(pixels / 255.0 * largest)
    return Inputs(tuple(str(path) for path in paths), np.stack(parts))
