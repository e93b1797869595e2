"""The content of a file, whatever stands in its place."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lipbuild.errors import LipbuildError, UnusableError


def check_file(path: Path, remedy: str = "") -> int:
    """Let a file be opened that is one: a pipe would be waited for, and a device may never end.

    Args:
        path: The file.
        remedy: What to do where there is none.

    Returns:
        Its size in bytes.

    Raises:
        UnusableError: It is missing or something else.
    """
    with read_errors(path, remedy):
        found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise UnusableError(f"{path}: this is a folder, and a file is needed", remedy)
    if not stat.S_ISREG(found.st_mode):
        raise UnusableError(f"{path}: this is a pipe or a device, and a file is needed", remedy)
    return found.st_size


def open_file(path: Path) -> BinaryIO:
    """Open a file that is one, for those who do without it where it cannot be read.

    Raises:
        OSError: It cannot be opened, or is a pipe, which would be waited for, or a device.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return path.open("rb")


def read_bytes(path: Path, remedy: str = "") -> bytes:
    """What is in a file.

    Raises:
        UnusableError: It is missing, no file, or cannot be read.
    """
    check_file(path, remedy)
    with read_errors(path, remedy):
        return path.read_bytes()


def read_text(path: Path, remedy: str = "") -> str:
    """What is in a text file, as UTF-8.

    Raises:
        UnusableError: It is missing, no file, cannot be read, or is not UTF-8.
    """
    content = read_bytes(path, remedy)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableError(f"{path}: it is not UTF-8 text (byte {error.start})", remedy) from None


@contextmanager
def read_errors(path: Path, remedy: str = "") -> Iterator[None]:
    """Say what the operating system says of a file, in one message with its path.

    Raises:
        UnusableError: It could not be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise UnusableError(f"{path}: there is no such file", remedy) from None
    except MemoryError:
        raise UnusableError(f"{path}: it does not fit into memory", remedy) from None
    except OSError as error:
        raise UnusableError(f"{path}: it cannot be read: {error.strerror or error}", remedy) from None
    except ValueError as error:  # A path that holds a null character.
        raise UnusableError(f"{path}: it cannot be read: {error}", remedy) from None


@contextmanager
def as_written(path: Path, remedy: str = "") -> Iterator[None]:
    """Take what a file of lipbuild's holds apart: where it is not what lipbuild writes, that is said of the file.

    Raises:
        UnusableError: Something is missing in it, or of another kind.
    """
    try:
        yield
    except LipbuildError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error).split("\n", 1)[0]
        raise UnusableError(f"{path}: it is not what lipbuild writes: {reason:.200}", remedy) from None
