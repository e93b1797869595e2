"""The size of an image from the first bytes of its file: no picture library is loaded for it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

# Markers of a JPEG's frames that hold its size: all of C0 to CF but tables and arithmetic conditioning.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def image_size(path: Path) -> tuple[int, int] | None:
    """Height and width of a PNG, JPEG, GIF or BMP file; None where it is none of them, or cannot be read."""
    try:
        with path.open("rb") as file:
            return _size(file)
    except (OSError, IndexError, ValueError):
        return None


def _size(file: IO[bytes]) -> tuple[int, int] | None:
    head = file.read(26)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[20:24], "big"), int.from_bytes(head[16:20], "big")
    if head[:4] == b"GIF8":
        return int.from_bytes(head[8:10], "little"), int.from_bytes(head[6:8], "little")
    if head[:2] == b"BM":
        width = int.from_bytes(head[18:22], "little", signed=True)
        # Rows from the top down are written as a negative height.
        return abs(int.from_bytes(head[22:26], "little", signed=True)), width
    if head[:2] == b"\xff\xd8":
        file.seek(2)
        return _jpeg_size(file)
    return None


def _jpeg_size(file: IO[bytes]) -> tuple[int, int] | None:
    while True:
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        if marker[1] == 0xFF:
            file.seek(-1, 1)
            continue
        length = int.from_bytes(file.read(2), "big")
        if marker[1] in _FRAMES:
            frame = file.read(5)
            return int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
        if length < 2:
            return None
        file.seek(length - 2, 1)
