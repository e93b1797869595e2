"""The size of an image and whether it is grey, from the first bytes of its file: no picture library is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Literal

from lipbuild.reading.file import open_file

# Markers of a JPEG's frames that hold its size: all of C0 to CF but tables and arithmetic conditioning.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

# The marker of a JPEG's EXIF data, the number of the orientation in it, and more bytes than it has in any file.
_APPLICATION, _ORIENTATION, _MOST_EXIF = 0xE1, 0x0112, 2**20


def image_size(path: Path) -> tuple[int, int] | None:
    """Height and width, upright, of a PNG, JPEG, GIF or BMP file; None for other files."""
    try:
        with open_file(path) as file:
            return _size(file)
    except (OSError, IndexError, ValueError):
        return None


def is_grey(path: Path) -> bool | None:
    """Whether a PNG or JPEG file has grey values alone; None where it is neither, or a palette says it."""
    try:
        with open_file(path) as file:
            head = file.read(26)
            if head.startswith(b"\x89PNG\r\n\x1a\n"):
                return {0: True, 2: False, 4: True, 6: False}.get(head[25])
            if head[:2] != b"\xff\xd8":
                return None
            file.seek(2)
            frame = _jpeg_frame(file)
            return frame[0][5] == 1 if frame is not None else None
    except (OSError, IndexError, ValueError):
        return None


def _size(file: IO[bytes]) -> tuple[int, int] | None:
    head = file.read(26)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        size = int.from_bytes(head[20:24], "big"), int.from_bytes(head[16:20], "big")
        file.seek(8)
        return _turned(size, _png_exif(file))
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


def _png_exif(file: IO[bytes]) -> bytes:
    """The EXIF data of a PNG file, empty where it has none."""
    while True:
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or kind == b"IEND":
            return b""
        if kind == b"eXIf":
            return file.read(min(length, _MOST_EXIF))
        file.seek(length + 4, 1)


def _jpeg_size(file: IO[bytes]) -> tuple[int, int] | None:
    found = _jpeg_frame(file)
    if found is None:
        return None
    frame, exif = found
    return _turned((int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")), exif)


def _jpeg_frame(file: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The head of a frame (bits, height in two bytes, width in two bytes, components), and the EXIF data before it."""
    exif = b""
    while True:
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        if marker[1] == 0xFF:
            file.seek(-1, 1)
            continue
        length = int.from_bytes(file.read(2), "big")
        if marker[1] in _FRAMES:
            return file.read(6), exif
        if length < 2:
            return None
        if marker[1] == _APPLICATION and not exif:
            data = file.read(length - 2)
            exif = data[6:] if data.startswith(b"Exif\0\0") else b""
        else:
            file.seek(length - 2, 1)


def _turned(size: tuple[int, int], exif: bytes) -> tuple[int, int]:
    """The size of an image once it is turned as its EXIF data says."""
    return size[::-1] if _orientation(exif) in (5, 6, 7, 8) else size


def _orientation(exif: bytes) -> int:
    """The orientation in EXIF data, a small TIFF file; 1 where it says none."""
    order: Literal["little", "big"] = "little" if exif[:2] == b"II" else "big"

    def number(at: int, length: int) -> int:
        return int.from_bytes(exif[at : at + length], order)

    directory = number(4, 4)
    for entry in range(number(directory, 2)):
        at = directory + 2 + 12 * entry
        if at + 12 > len(exif):
            break
        if number(at, 2) == _ORIENTATION:
            return number(at + 8, 2)
    return 1
