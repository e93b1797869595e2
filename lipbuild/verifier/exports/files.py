"""The digest of exports whose operations are not read: that nothing in them was changed since they were written."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lipbuild.verifier.errors import UnreadableError

# Where a SavedModel and an archive of weights say something of themselves, which is no part of the digest.
_SAID = ("assets.extra/lipbuild.json", "metadata.npy")


def has_files_digest(path: Path) -> bool:
    """Whether a file or folder is of a kind that has such a digest."""
    return path.suffix == ".npz" or (path / "saved_model.pb").is_file()


def files_digest(path: Path) -> str:
    """SHA-256 of the names and contents of what a SavedModel or an archive of weights consists of, in order.

    Raises:
        UnreadableError: If it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for name, content in _members(path):
            text = name.encode("utf-8", "surrogatepass")
            digest.update(
                len(text).to_bytes(8, "little") + text + len(content).to_bytes(8, "little") + content
            )
    except (
        OSError,
        ValueError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise UnreadableError(f"{path.name} cannot be read: {error}") from error
    return digest.hexdigest()


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(item for item in path.rglob("*") if item.is_file()):
            name = file.relative_to(path).as_posix()
            if name not in _SAID:
                yield name, file.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise ValueError("it has two members of one name")
        for name in sorted(names):
            if name not in _SAID:
                yield name, archive.read(name)
