"""Whether a config may have Python code of the user's called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lipbuild.errors import UnusableError

_ALLOWED: ContextVar[bool] = ContextVar("allow_code", default=False)


@contextmanager
def allow_code() -> Iterator[None]:
    """Let the configs that are used inside call Python functions of the user's own, named by the source `python`.

    A config is data: without this, and without `--allow-code` on the command line, nothing in it is ever run.
    """
    token = _ALLOWED.set(True)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def allow_code_always() -> None:
    """The same until the process ends."""
    _ALLOWED.set(True)


def code_is_allowed() -> bool:
    """Whether configs may call Python functions here."""
    return _ALLOWED.get()


def require_permission(function: str) -> None:
    """Let through what has been allowed.

    Raises:
        UnusableError: It has not.
    """
    if not _ALLOWED.get():
        raise UnusableError(
            f"this config has its data made by the Python function `{function}`, and may not call it",
            "read it, and give `--allow-code` (in Python `with lipbuild.allow_code():`) if you trust it",
        )
