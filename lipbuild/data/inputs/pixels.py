from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.decode_image import decode


def pixels_of(
    content: bytes | bytearray,
    shape: tuple[int | None, ...],
    largest: float,
    *,
    resize: bool,
    most: int | None = None,
) -> NDArray[np.float32]:
    """An encoded image as the network takes it.

    Args:
        content: The content of the file.
        shape: (height, width, channels); None where any size is taken.
        largest: What a pixel of 255 becomes; 0 stays 0.
        resize: Whether an image of another size is resized.
        most: How many pixels it may have; as many as Pillow takes where left out.

    Returns:
        (height, width, channels).

    Raises:
        ImageError: It is not an image, has too many pixels, or another size.
    """
    # As in training: float32, divided by 255.
    pixels = decode(content, shape, resize=resize, most=most)
    found: NDArray[np.float32] = pixels.astype(np.float32) / np.float32(255.0) * np.float32(largest)
    return found
