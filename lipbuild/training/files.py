"""Files are written whole or not at all: under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from lipbuild.errors import UnusableError
from lipbuild.training.lease import lease_over


def write_whole(path: Path, write: Callable[[Path], None], *, durable: bool = False) -> None:
    """Let `write` make a file or a folder, which appears under its name only when it is complete.

    In a run folder of which this process has the lease, it appears only if it still has.

    Args:
        path: Where it shall be; what is there is replaced.
        write: Makes it at the path that it is given, beside the final one and with the same ending.
        durable: Whether the file, and its name, have to be on the disk itself.

    Raises:
        HeldError: The run folder belongs to another training by now.
        UnusableError: The folder cannot be written, the disk is full, or a folder is there where a file shall be.
    """
    lease = lease_over(path)
    # Process numbers are not unique where several machines write to one folder.
    writer = lease.token if lease is not None else uuid4().hex
    temporary = path.with_name(f".{path.stem}.partial-{writer}{path.suffix}")
    try:
        is_new = not path.parent.is_dir()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                write(temporary)
            except RuntimeError as error:
                # What HDF5 makes of a disk that is full.
                raise OSError(str(error).strip().split("\n", 1)[0]) from error
            if durable:
                _flush(temporary)
            if lease is not None:
                lease.check()
            if path.is_dir() and not path.is_symlink():
                if not temporary.is_dir():
                    raise UnusableError(
                        f"{path}: it is a folder, and a file is to be written", "name a file in it"
                    )
                shutil.rmtree(path)
            temporary.replace(path)
            if durable:
                _flush_folder(path.parent)
                if is_new:
                    _flush_folder(path.parent.parent)
        finally:
            if temporary.is_dir():
                shutil.rmtree(temporary, ignore_errors=True)
            else:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None


def remove(path: Path) -> None:
    """Remove a file, if it is there. In a run folder of which this process has the lease, only if it still has.

    Raises:
        HeldError: The run folder belongs to another training by now.
        UnusableError: It cannot be removed.
    """
    lease = lease_over(path)
    try:
        if path.is_file():
            if lease is not None:
                lease.check()
            path.unlink()
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be removed: {error.strerror or error}") from None


def write_files(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make files in a folder, which appear there only when all of them are complete.

    Args:
        folder: Where they shall be; other files that are there stay.
        write: Makes them in the folder that it is given.

    Raises:
        UnusableError: The folder cannot be written, or the disk is full.
    """
    if not folder.exists():
        write_whole(folder, write)
        return
    temporary = folder / f".partial-{uuid4().hex}"
    try:
        write(temporary)
        for path in sorted(temporary.iterdir()):
            path.replace(folder / path.name)
    except OSError as error:
        raise UnusableError(f"{folder}: it cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Let the names in a folder be on the disk, where the file system knows of that."""
    with contextlib.suppress(OSError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    """Write a text file, whole or not at all."""

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_whole(path, write, durable=durable)


def append_line(path: Path, text: str) -> None:
    """Write a line at the end of a log. In a run folder of which this process has the lease, only if it still has.

    Raises:
        HeldError: The run folder belongs to another training by now.
        UnusableError: It cannot be written.
    """
    lease = lease_over(path)
    try:
        if lease is not None:
            lease.check()
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None


def write_json(path: Path, value: Any, *, durable: bool = False) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", durable=durable)
