"""A checkpoint from which a training goes on: every variable that it has, and how far it has come."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError, UnusableError
from lipbuild.training.files import write_whole
from lipbuild.training.training_state import TrainingState

_FORMAT = 1
_ABOUT = "about"


@dataclass(frozen=True)
class Stored:
    """What such a file holds.

    Attributes:
        state: How far the training has come.
        fingerprint: What tells its data from other data.
        epochs: The number of epochs that its schedule and its average were laid out for.
        arrays: The values of its variables, by group.
    """

    state: TrainingState
    fingerprint: str
    epochs: int
    arrays: Mapping[str, Sequence[np.ndarray]]


def write_state(path: Path, stored: Stored) -> None:
    """Write it, whole or not at all.

    Raises:
        UnusableError: It cannot be written, or the disk is full.
    """
    about = {
        "format": _FORMAT,
        "state": asdict(stored.state),
        "fingerprint": stored.fingerprint,
        "epochs": stored.epochs,
        "groups": {name: len(values) for name, values in stored.arrays.items()},
    }
    arrays: dict[str, Any] = {
        f"{name}/{number}": value
        for name, values in stored.arrays.items()
        for number, value in enumerate(values)
    }
    arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    write_whole(path, lambda temporary: np.savez(temporary, **arrays), durable=True)


def read_state(path: Path) -> Stored:
    """Read what `write_state` wrote.

    Raises:
        UnusableError: It is not there, or damaged.
        RefusedError: It is of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            about: dict[str, Any] = json.loads(archive[_ABOUT].tobytes())
            if about["format"] != _FORMAT:
                raise RefusedError(f"{path}: it was written by another version of lipbuild")
            arrays = {
                name: [archive[f"{name}/{number}"] for number in range(count)]
                for name, count in about["groups"].items()
            }
            return Stored(
                TrainingState(**about["state"]), str(about["fingerprint"]), int(about["epochs"]), arrays
            )
    except FileNotFoundError:
        raise UnusableError(f"{path}: there is no such checkpoint") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableError(f"{path}: it is no whole checkpoint: {error}") from None
