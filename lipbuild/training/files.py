"""Files are written whole or not at all: under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.diagnostics.printable import printable
from lipbuild.errors import UnusableError
from lipbuild.training.lease import lease_over
from lipbuild.training.partial import is_partial, partial_folder, partial_path


def write_whole(path: Path, write: Callable[[Path], None], *, durable: bool = False) -> None:
    """Let `write` make a file, which appears under its name only when it is complete.

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
    temporary = partial_path(path, lease.token if lease is not None else "")
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
                raise UnusableError(
                    f"{path}: it is a folder, and a file must be written there", "name a file in it"
                )
            temporary.replace(path)
            if durable:
                _flush_folder(path.parent)
                if is_new:
                    _flush_folder(path.parent.parent)
        finally:
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
    """Let `write` make files and folders, which appear in a folder only when all of them are complete.

    Each takes the place of what is there under its name at once: of a folder, too, nobody ever sees a part. They do so
    one right after another, in the order of their names; a process that is killed just then leaves the new ones of some
    and the old ones of others. What it had half written is removed by the next.

    Args:
        folder: Where they shall be; other files that are there stay.
        write: Makes them in the folder that it is given, on which nothing else is.

    Raises:
        UnusableError: The folder cannot be written, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        staging, held = _staging(folder)
        try:
            write(staging)
            for path in sorted(staging.iterdir()):
                if (folder / path.name).is_dir() and not path.is_dir():
                    raise UnusableError(
                        f"{folder / path.name}: it is a folder, and a file must be written there",
                        "name another place",
                    )
            lease = lease_over(folder / "file")
            if lease is not None:
                lease.check()
            for path in sorted(staging.iterdir()):
                replace(path, folder / path.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            _release(held)
    except OSError as error:
        raise UnusableError(f"{folder}: it cannot be written: {error.strerror or error}") from None


def _staging(folder: Path) -> tuple[Path, int | None]:
    """A folder of this process's own within another one, and the lock on it, which ends with the process."""
    while True:
        staging = partial_folder(folder)
        staging.mkdir()
        held = _locked(staging)
        # Before it was locked, another process may have taken it for an abandoned one.
        if staging.exists():
            return staging, held
        _release(held)


def replace(path: Path, target: Path) -> None:
    """Put a file or a folder in the place of another one by a rename.

    What was there is gone, or under the first path where it was a folder.

    Raises:
        OSError: It cannot be done.
    """
    if not path.is_dir() or not target.is_dir() or target.is_symlink():
        path.replace(target)
    elif not _exchange(path, target):
        # Where the system cannot exchange two names, the old one is away for a moment.
        aside = path.with_name(f"{path.name}.old")
        target.replace(aside)
        path.replace(target)
        aside.replace(path)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; whether the system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    at_working_folder, exchange = -100, 2
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(at_working_folder, paths[0], at_working_folder, paths[1], exchange) == 0)


def _remove_abandoned(folder: Path) -> None:
    """Remove what processes that have ended left half written. A living one holds a lock on its own."""
    for path in filter(is_partial, folder.glob(".partial-*")):
        held = _locked(path)
        if held is not None:
            shutil.rmtree(path, ignore_errors=True)
            _release(held)


def _locked(folder: Path) -> int | None:
    """A lock on a folder; None where another process has it, or the system has no locks."""
    try:
        import fcntl

        held = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held


def _release(held: int | None) -> None:
    if held is not None:
        os.close(held)


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
        # Half of a surrogate pair, from a file name that is not UTF-8, is written as JSON has it.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")

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
            file.write(f"{printable(text)}\n")
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be written: {error.strerror or error}") from None


def write_json(path: Path, value: Any, *, durable: bool = False) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, dump_json(value) + "\n", durable=durable)
