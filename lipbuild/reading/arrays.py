"""NumPy's files. What a header declares is held against what the file holds before room is made for it."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.reading.file import check_file, read_errors
from lipbuild.reading.npy_header import ArrayHeader, npy_header
from lipbuild.reading.npz_header import ARCHIVE_ERRORS

_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Deflate makes at most so many bytes of one.
_PACKING = 1032
_CHUNK = 2**20
_OBJECTS = "save an array of numbers or of text: Python objects are never loaded"


class Archive:
    """The arrays of an opened `.npz` file.

    Attributes:
        names: What they are called.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, size: int) -> None:
        self._path = path
        self._archive = archive
        members = archive.infolist()
        self._members = {member.filename.removesuffix(".npy"): member for member in members}
        self.names = tuple(self._members)
        if len(self._members) < len(members):
            raise ValueError("two of its arrays have one name")
        if sum(member.compress_size for member in members) > size:
            raise ValueError("its arrays overlap")
        for member in members:
            if member.compress_type not in _PACKED or member.file_size > _PACKING * (
                member.compress_size + 1
            ):
                raise ValueError(f"`{member.filename:.80}` is packed in a way that NumPy does not use")

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def array(self, name: str) -> NDArray[np.generic]:
        """One of them.

        Raises:
            RefusedError: It holds Python objects or records.
            UnusableError: It is not there, or damaged.
        """
        member = self._members.get(name)
        if member is None:
            raise UnusableError(f"{self._path}: the archive has no array `{name}`")
        try:
            with self._archive.open(member) as file:
                return _read(file, _header(file, member.file_size, f"{self._path}: the array `{name}`"))
        except (*ARCHIVE_ERRORS, MemoryError) as error:
            raise UnusableError(
                f"{self._path}: the array `{name}` cannot be read: {_reason(error)}", "the file is damaged"
            ) from None


@contextmanager
def open_archive(path: Path, remedy: str = "make one with `numpy.savez`") -> Iterator[Archive]:
    """The arrays of a NumPy archive (`.npz`).

    Args:
        path: The file.
        remedy: What to do where it is missing or damaged.

    Raises:
        UnusableError: It is missing or damaged, or two programs might read it differently.
    """
    size = check_file(path, remedy)
    with read_errors(path, remedy):
        file = path.open("rb")
    with file:
        if file.read(6) == b"\x93NUMPY":
            raise UnusableError(f"{path}: this is one array (.npy), and an archive (.npz) is needed", remedy)
        file.seek(0)
        try:
            opened = zipfile.ZipFile(file)
            archive = Archive(path, opened, size)
        except ARCHIVE_ERRORS as error:
            raise UnusableError(
                f"{path}: it cannot be read as a NumPy archive: {_reason(error)}", remedy
            ) from None
        with opened:
            yield archive


def read_array(
    path: Path, remedy: str = "make one with `numpy.save`", *, mapped: bool = False
) -> NDArray[np.generic]:
    """The array in a `.npy` file.

    Args:
        path: The file.
        remedy: What to do where it is missing or damaged.
        mapped: Whether it is mapped into memory and not read.

    Raises:
        RefusedError: It holds Python objects or records.
        UnusableError: It is missing, damaged, or an archive.
    """
    size = check_file(path, remedy)
    with read_errors(path, remedy), path.open("rb") as file:
        if file.read(4) == b"PK\3\4":
            raise UnusableError(f"{path}: this is an archive (.npz), and one array (.npy) is needed", remedy)
        file.seek(0)
        try:
            header = _header(file, size, f"{path}: it")
            if not mapped or 0 in header.shape:
                return _read(file, header)
            order: Any = "F" if header.in_columns else "C"
            return np.memmap(file, np.dtype(header.dtype), "r", header.size, header.shape, order)
        except LipbuildError:
            raise
        except (ValueError, TypeError) as error:
            raise UnusableError(f"{path}: it cannot be read as a NumPy file: {error}", remedy) from None


def _header(file: IO[bytes], size: int, what: str) -> ArrayHeader:
    """The header of an array that has so many bytes with it.

    Raises:
        RefusedError: It holds something else than numbers or text.
        ValueError: It is none, or declares another size.
    """
    header = npy_header(file)
    if header is None:
        raise ValueError("it has no header of NumPy's")
    if header.kind == "O":
        raise RefusedError(f"{what} holds Python objects", _OBJECTS)
    if header.kind == "V":
        raise RefusedError(f"{what} holds records", "save an array of numbers or of text for each field")
    try:
        declared = math.prod(header.shape) * np.dtype(header.dtype).itemsize
    except TypeError:
        raise ValueError(f"its header names the type `{header.dtype}`, which is none") from None
    if declared != size - header.size:
        raise ValueError(f"its header declares {declared:,} bytes, and {size - header.size:,} are there")
    return header


def _read(file: IO[bytes], header: ArrayHeader) -> NDArray[np.generic]:
    dtype = np.dtype(header.dtype)
    content = bytearray(math.prod(header.shape) * dtype.itemsize)
    view, at = memoryview(content), 0
    while at < len(content):
        part = file.read(min(_CHUNK, len(content) - at))
        if not part:
            raise ValueError("it ends too early")
        view[at : at + len(part)] = part
        at += len(part)
    if file.read(1):
        raise ValueError("there are bytes after its array")
    if not dtype.itemsize:
        return np.zeros(header.shape, dtype)
    found: NDArray[np.generic] = np.frombuffer(content, dtype)
    if dtype.kind == "U":
        codes = found.view(np.dtype("u4").newbyteorder(dtype.byteorder))
        if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any():
            raise ValueError("it holds text that is not Unicode")
    if dtype.kind == "b" and (found.view(np.uint8) > 1).any():
        raise ValueError("it holds truth values other than 0 and 1")
    return found.reshape(header.shape, order="F" if header.in_columns else "C")


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it does not fit into memory"
    text = str(error).strip("'\"").split("\n", 1)[0]
    return (
        "it is not one"
        if isinstance(error, zipfile.BadZipFile) and "not a zip" in text
        else text or repr(error)
    )
