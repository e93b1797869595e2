"""C, which runs on the device that it is for, and nowhere here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.reading.c_program import header_of
from lipbuild.runtimes.runtime import Predict


def metadata(path: Path) -> dict[str, Any]:
    """Refused, as `load` is: nothing that runs a file begins with C.

    Raises:
        UnusableError: Always.
    """
    raise _refusal(path)


def load(path: Path) -> Predict:
    """Refused.

    Raises:
        UnusableError: Always.
    """
    raise _refusal(path)


def _refusal(path: Path) -> UnusableError:
    header = header_of(path)
    return UnusableError(
        f"{path}: it is C, which lipbuild does not run",
        f"compile it and call what {header or 'its header'} declares, or take the run, or an export of another format",
    )
