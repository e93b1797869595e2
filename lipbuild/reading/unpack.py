from __future__ import annotations

import zlib


def unpack(packed: bytes, most: int, *, gzip: bool = False) -> bytes:
    """Unpack what zlib or gzip has packed, if it is no longer than expected: a few bytes may stand for gigabytes.

    Args:
        packed: All of it.
        most: How many bytes it may be.
        gzip: Whether gzip has packed it.

    Raises:
        ValueError: It is damaged, cut off, or longer.
    """
    unpacking = zlib.decompressobj(zlib.MAX_WBITS + (16 if gzip else 0))
    try:
        content = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacking.eof:
        raise ValueError("it ends too early, or is too long")
    return content
