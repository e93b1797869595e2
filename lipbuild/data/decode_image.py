"""The one way from an encoded image to pixels: in training, in `predict` and in `serve`."""

from __future__ import annotations

import io
import warnings
import zlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Grey values, colours, and colours with transparency, as Pillow calls them.
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
# One number a pixel that is wider than a byte: 16 bits in a PNG or a TIFF. Pillow reads that of a PNG as `I` in places.
_WIDE = ("I;16", "I;16L", "I;16B", "I;16N")

# As many as Pillow decodes without a warning.
_MOST_PIXELS = 2**30 // 12
_TOO_LARGE = f"it has more than {_MOST_PIXELS:,} pixels"
# Of all that Pillow reads: others run programs, or are vector graphics.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
_PNG = b"\x89PNG\r\n\x1a\n"


class ImageError(ValueError):
    """An image that cannot be decoded, or has another size than is expected."""


def decode(
    content: bytes | bytearray,
    shape: tuple[int | None, ...],
    *,
    resize: bool = False,
    most: int | None = None,
) -> NDArray[np.uint8]:
    """An encoded image as pixels of one byte.

    - It is turned upright as its EXIF orientation says.
    - Of 16 bits a value the upper eight are kept, so 65535 becomes 255 and 0 stays 0.
    - A palette is looked up. Transparency is left out unless the network has a channel for it: a pixel has the colour
      that is stored.
    - Grey from colours is (299·R + 587·G + 114·B)/1000; colours from grey are three times the value.
    - CMYK becomes R = 255 − min(255, C + K), and so on. Colour profiles are not applied.
    - Of an animation the first image is taken.
    - It is resized, where that is asked for, with a triangle as wide as a pixel of the smaller image, rounded to whole
      numbers.

    Args:
        content: The content of the file: PNG, JPEG, BMP, GIF, TIFF or WebP.
        shape: (height, width, channels) that is expected, with 1, 3 or 4 channels; None where any size is taken.
        resize: Whether an image of another size is resized.
        most: How many pixels it may have, which its head says before any is decoded; as many as Pillow takes where left
            out.

    Returns:
        (height, width, channels).

    Raises:
        ImageError: It is not an image, has too many pixels, or its size is not the expected one.
    """
    from PIL import Image

    height, width, channels = shape
    try:
        image = _upright(content, most)
        pixels = _grey_or_colour(image, MODES[channels or 1])
    # What Pillow raises of a damaged file is of any kind.
    except Exception as error:
        raise ImageError(_reason(error)) from None
    if resize:
        assert height is not None
        assert width is not None
        if (pixels.height, pixels.width) != (height, width):
            pixels = pixels.resize((width, height), Image.Resampling.BILINEAR)
    found = np.asarray(pixels, np.uint8).reshape(pixels.height, pixels.width, -1)
    if any(size is not None and size != own for size, own in zip(shape, found.shape)):
        raise ImageError(
            f"its size is {found.shape[0]} by {found.shape[1]}, and {height} by {width} is expected"
        )
    return found


def size_and_colours(content: bytes) -> tuple[int, int, bool]:
    """Height and width of an image, upright, and whether it has colours, without decoding its pixels.

    Raises:
        ImageError: It is not an image.
    """
    try:
        with _opened(content) as image:
            turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
            height, width = (image.width, image.height) if turned else (image.height, image.width)
            return height, width, image.mode not in ("1", "L", "LA", "I", "F", *_WIDE)
    # What Pillow raises of a damaged file is of any kind.
    except Exception as error:
        raise ImageError(_reason(error)) from None


_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)


def decode_image(content: Any, shape: tuple[int, ...], *, resize: bool) -> Any:
    """What `decode` makes of a string tensor, in a pipeline of TensorFlow.

    Args:
        content: The content of the file, a string.
        shape: Height, width and channels.
        resize: Whether an image of another size is resized.

    Returns:
        (*shape), uint8.
    """
    import tensorflow as tf

    def read(encoded: Any) -> NDArray[np.uint8]:
        # TensorFlow gives one string as it is, or as an array of one. NumPy's own strings drop the NULs at their end,
        # of which the last pixels of a file may be made.
        array = np.asarray(encoded, object) if isinstance(encoded, bytes) else encoded
        one = array.tobytes() if array.dtype.kind == "S" else array.item()
        return decode(one, shape, resize=resize)

    return tf.ensure_shape(tf.numpy_function(read, [content], tf.uint8, stateful=False), shape)


@cache
def _pillow() -> Any:
    """Pillow's module. It warns of no image: what is too large or damaged is refused."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    return Image


def _opened(content: bytes | bytearray, most: int | None = None) -> Any:
    """An image whose pixels are not decoded yet.

    Raises:
        ValueError: It has too many.
    """
    pillow = _pillow()
    try:
        image = pillow.open(io.BytesIO(content), formats=_FORMATS)
    except pillow.DecompressionBombError:
        raise ValueError(_TOO_LARGE) from None
    if image.width * image.height > _MOST_PIXELS:
        raise ValueError(_TOO_LARGE)
    if most is not None and image.width * image.height > most:
        raise ValueError(f"it has {image.width} by {image.height} pixels, and at most {most} are taken")
    return image


def _upright(content: bytes | bytearray, most: int | None) -> Any:
    from PIL import ImageOps

    image = _opened(content, most)
    if image.format == "PNG":
        _check_chunks(content)
    image.load()
    turned = ImageOps.exif_transpose(image)
    # Of what was turned Pillow no longer knows the format.
    turned.format = image.format
    return turned


def _check_chunks(content: bytes | bytearray) -> None:
    """Hold the parts of a PNG file that an image is made of against their checksums: Pillow leaves out the pixels'.

    Raises:
        ValueError: One is not what it was when it was written.
    """
    view, place = memoryview(content), len(_PNG)
    while place + 12 <= len(view):
        length = int.from_bytes(view[place : place + 4], "big")
        end = place + 8 + length
        kind = bytes(view[place + 4 : place + 8])
        # Chunks whose name begins with a small letter may be passed over.
        if kind[:1].isupper() and zlib.crc32(view[place + 4 : end]) != int.from_bytes(
            view[end : end + 4], "big"
        ):
            raise ValueError(f"it is damaged: its part {kind.decode('latin1')} does not fit its checksum")
        if kind == b"IEND":
            return
        place = end + 4


def _grey_or_colour(image: Any, mode: str) -> Any:
    """An image in one of two modes, by way of what it stores: no palette, 8 bits a value, no transparency."""
    from PIL import Image

    if image.mode in _WIDE or (image.mode == "I" and image.format == "PNG"):
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError("its pixels have 32 bits, and 8 or 16 are taken")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    if image.mode == "RGBA" and mode == "L":
        image = image.convert("RGB")
    return image.convert(mode)


def _reason(error: BaseException) -> str:
    """What is wrong with a file, without the address of what was read."""
    text = str(error)
    return (
        "it is not an image that can be read"
        if "cannot identify image" in text
        else text or "it cannot be read"
    )
