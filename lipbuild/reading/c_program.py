"""C that lipbuild wrote: what its header says of itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.reading.json_file import json_object

METADATA = " * The same for programs:"


def header_of(path: Path) -> Path | None:
    """The header of the code in a folder, or of one of its two files; None where there is none of lipbuild's.

    Args:
        path: A folder, or a `.c` or `.h` file.
    """
    if path.is_dir():
        headers = sorted(path.glob("*.h"))
    else:
        headers = [path.with_suffix(".h")] if path.suffix in (".c", ".h") else []
    if len(headers) != 1 or not headers[0].with_suffix(".c").is_file():
        return None
    try:
        text = headers[0].read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return headers[0] if f"{METADATA}\n" in text else None


def is_program(path: Path) -> bool:
    """Whether a folder holds such code, or a file is a part of it."""
    return header_of(path) is not None


def metadata(path: Path) -> dict[str, Any]:
    """The JSON at the head of its header.

    Args:
        path: A folder, or one of the two files.

    Raises:
        UnusableError: There is no such header, or it cannot be read.
    """
    header = header_of(path)
    if header is None:
        raise UnusableError(
            f"{path}: there is no C that lipbuild wrote", "`lipbuild export RUN --to c` makes it"
        )
    rest = header.read_text(encoding="utf-8").partition(f"{METADATA}\n")[2]
    text = "\n".join(line.removeprefix(" * ") for line in rest.partition("\n */")[0].splitlines())
    return json_object(text.encode(), header, "export it anew")


def macro(path: Path, word: str) -> int:
    """A number that its header defines.

    Args:
        path: A folder, or one of the two files.
        word: What the macro's name ends in.

    Raises:
        UnusableError: It does not.
    """
    header = header_of(path)
    text = header.read_text(encoding="utf-8") if header is not None else ""
    found = re.search(rf"^#define \w+_{word} (\d+)$", text, re.MULTILINE)
    if found is None:
        raise UnusableError(f"{header or path}: `{word}` is not in it", "export it anew")
    return int(found[1])
