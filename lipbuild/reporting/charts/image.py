from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def png_uri(pixels: NDArray[np.uint8]) -> str:
    """Pixels as a `data:` address of a PNG file.

    Args:
        pixels: (height, width, 3), red, green and blue.
    """
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + np.ascontiguousarray(row).tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (_part(b"IHDR", head), _part(b"IDAT", zlib.compress(rows, 9)), _part(b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode("ascii")


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def grey_or_colour(image: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """An image as pixels.

    Args:
        image: (height, width, 1 or 3).
        low: The value that is black.
        high: The value that is white.
    """
    scaled = np.clip((image - low) / ((high - low) or 1.0), 0.0, 1.0)
    return np.asarray(np.rint(255.0 * np.broadcast_to(scaled, (*image.shape[:2], 3))), np.uint8)


def difference(change: NDArray[Any]) -> NDArray[np.uint8]:
    """A change of an image as pixels: blue where it grows darker, red where it grows brighter, white where it stays.

    Args:
        change: (height, width, 1 or 3); of colours their mean is shown. The largest change has the full colour.
    """
    mean = change.mean(axis=2)
    share = mean / (float(np.abs(mean).max()) or 1.0)
    up, down = np.clip(share, 0.0, 1.0), np.clip(-share, 0.0, 1.0)
    colours = np.stack([1.0 - 0.95 * down, 1.0 - 0.75 * (up + down), 1.0 - 0.95 * up], axis=2)
    return np.asarray(np.rint(255.0 * colours), np.uint8)
