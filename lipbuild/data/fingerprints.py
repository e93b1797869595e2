from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of_files(files: Iterable[Path], *more: object) -> str:
    """A digest of names, sizes and times of files, and of whatever else decides what is read from them."""
    digest = hashlib.sha256()
    for file in files:
        state = file.stat()
        digest.update(f"{file.resolve()}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    digest.update(repr(more).encode())
    return digest.hexdigest()
