from __future__ import annotations

import random
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lipbuild.errors import UnusableError
from lipbuild.missing import install_command

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

# Seconds between two signs of life of a trial, and without one after which it is taken for dead.
_HEARTBEAT = 30
_GRACE = 120
# Seconds that a process waits for another one that writes to the same SQLite file.
_PATIENCE = 120
# What a database answers when another process makes the same table, row or type at the same moment.
_RACE = re.compile(
    r"already exists|is locked|duplicate key|unique constraint|concurrently updated", re.IGNORECASE
)
_TRIES = 20

Made = TypeVar("Made")

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def storage_url(storage: str | None, folder: Path) -> str:
    """The URL of a storage as SQLAlchemy has it.

    Args:
        storage: A PostgreSQL URL, the path of an SQLite file or its `sqlite:///` URL; a file in the folder where left
            out.
        folder: The folder of the sweep.

    Raises:
        UnusableError: It is another kind of storage.
    """
    if storage is None:
        return f"sqlite:///{(folder / 'study.db').resolve()}"
    scheme, mark, rest = storage.partition("://")
    if not mark:
        return f"sqlite:///{Path(storage).resolve()}"
    if scheme == "sqlite":
        path = rest.removeprefix("/")
        if not path or path == ":memory:":
            raise UnusableError(
                f"{storage}: this is not a file, and other processes could not see it", _FORMS
            )
        return f"sqlite:///{Path(path).resolve()}"
    if scheme.split("+")[0] in _DRIVERS:
        return f"{_DRIVERS.get(scheme, scheme)}://{rest}"
    raise UnusableError(f"a study cannot be stored in `{scheme}`", _FORMS)


_FORMS = "name a file, or a PostgreSQL server: `--storage postgresql://user:password@host/database`"


def shown_url(url: str) -> str:
    """A URL without its password."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url)


def open_storage(url: str) -> RDBStorage:
    """Open a storage, or make it.

    Raises:
        UnusableError: It cannot be reached, or a package for it is not installed.
    """
    from optuna.exceptions import ExperimentalWarning, StorageInternalError
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    is_file = url.startswith("sqlite:")
    if is_file:
        path = Path(url.removeprefix("sqlite:///"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableError(
                f"{path}: it cannot be written: {error.strerror or error}",
                "name another place with `--output`",
            ) from None
    arguments = {"connect_args": {"timeout": _PATIENCE}} if is_file else {"pool_pre_ping": True}
    try:
        with warnings.catch_warnings():
            # The signs of life.
            warnings.simplefilter("ignore", ExperimentalWarning)
            return made_by_one_of_many(
                lambda: RDBStorage(url, arguments, heartbeat_interval=_HEARTBEAT, grace_period=_GRACE)
            )
    except ImportError:
        extra = "postgresql" if url.startswith("postgresql+psycopg:") else ""
        raise UnusableError(
            f"{shown_url(url)}: its driver is not installed",
            install_command(extra) if extra else "install it, or leave it out of the URL",
        ) from None
    except (SQLAlchemyError, StorageInternalError, ArgumentError) as error:
        cause = getattr(error, "__cause__", None)
        reason = str(getattr(cause or error, "orig", None) or cause or error).strip().split("\n", 1)[0]
        raise UnusableError(f"{shown_url(url)}: the study cannot be stored there: {reason}") from None


def made_by_one_of_many(make: Callable[[], Made]) -> Made:
    """What is made, where several processes that start together make it at the same moment.

    Optuna looks whether a table or a row is there and then makes it; the process that comes second is refused by the
    database. It finds what the first has made when it tries again.

    Args:
        make: Makes it, or finds it made.
    """
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    for _ in range(_TRIES - 1):
        try:
            return make()
        except (SQLAlchemyError, StorageInternalError) as error:
            if not _RACE.search(f"{error} {error.__cause__}"):
                raise
            # At random, or those that were refused together would be refused together again.
            time.sleep(random.uniform(0.02, 0.3))
    return make()
