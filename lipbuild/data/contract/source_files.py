"""What the files of a source were, at a bounded cost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lipbuild.config.sources.source_spec import SourceSpec

# Files up to this size are digested whole, and of larger ones so much of either end.
_WHOLE, _END = 64 * 2**20, 16 * 2**20


def describe_files(source: SourceSpec, folder: Path) -> dict[str, Any]:
    """The files that a source names: SHA-256 and size of each.

    Of a file above 64 MiB the first and the last 16 MiB are read; of folders and patterns the names and sizes of the
    files.

    Args:
        source: The source.
        folder: Where relative paths start.
    """
    found: dict[str, Any] = {}
    for key, name in source.files().items():
        path = folder / name
        if path.is_file():
            found[key] = {"name": path.name, "bytes": path.stat().st_size, **_digest(path)}
        elif path.is_dir():
            found[key] = {"name": path.name, **_listed(path, path.rglob("*"))}
        else:
            found[key] = {"name": path.name, **_listed(path.parent, path.parent.glob(path.name))}
    return found


def _digest(path: Path) -> dict[str, str]:
    digest, size = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE:
            while block := file.read(2**20):
                digest.update(block)
            return {"sha256": digest.hexdigest()}
        digest.update(file.read(_END))
        file.seek(size - _END)
        digest.update(file.read(_END))
    return {"sha256_of_ends": digest.hexdigest()}


def _listed(folder: Path, paths: Iterable[Path]) -> dict[str, Any]:
    digest, count, total = hashlib.sha256(), 0, 0
    for path in sorted(path for path in paths if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\n".encode("utf-8", "surrogateescape"))
        count, total = count + 1, total + size
    return {"files": count, "bytes": total, "sha256_of_names_and_sizes": digest.hexdigest()}
