"""JSON files that lipbuild has written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lipbuild.errors import LipbuildError, UnusableError
from lipbuild.reading.file import read_bytes
from lipbuild.reading.strict_json import strict_json


def read_json(path: Path, remedy: str = "") -> dict[str, Any]:
    """The object in a JSON file.

    Args:
        path: The file.
        remedy: What to do where it is missing or damaged.

    Raises:
        UnusableError: It is missing, cannot be read, or is not one object that every program reads alike.
    """
    return json_object(read_bytes(path, remedy), path, remedy)


def json_object(content: bytes, path: Path, remedy: str = "", *, finite: bool = True) -> dict[str, Any]:
    """The object in the content of a JSON file, or in a line of it.

    Raises:
        UnusableError: It is not one object that every program reads alike.
    """
    try:
        value = strict_json(content, f"{path}: it", finite=finite)
    except LipbuildError as error:
        raise UnusableError(error.message, remedy) from None
    if not isinstance(value, dict):
        raise UnusableError(f"{path}: it is not what lipbuild writes: an object is needed", remedy)
    return value
