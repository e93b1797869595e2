"""A checkpoint from which a training resumes: all its variables, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.reading.arrays import open_archive
from lipbuild.reading.file import as_written
from lipbuild.reading.json_file import json_object
from lipbuild.training.files import write_whole
from lipbuild.training.training_state import TrainingState

_FORMAT = 1
_ABOUT = "about"
_REMEDY = (
    "train again in another folder, or put a copy of this file back; the weights after the last whole epoch are in "
    "last.keras beside it"
)


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
    with open_archive(path, _REMEDY) as archive, as_written(path, _REMEDY):
        about = json_object(archive.array(_ABOUT).tobytes(), path, _REMEDY, finite=False)
        if about["format"] != _FORMAT:
            raise RefusedError(
                f"{path}: it was written by another version of lipbuild",
                "resume it with the version that wrote it",
            )
        arrays = {
            name: [archive.array(f"{name}/{number}") for number in range(count)]
            for name, count in about["groups"].items()
        }
        if len(archive.names) != 1 + sum(map(len, arrays.values())):
            raise ValueError("it has other arrays than it says")
        if not {"best", "random"} <= set(arrays):
            raise ValueError("it lacks what a training is resumed from")
        state = TrainingState(**about["state"])
        counts = (state.epoch, state.step, about["epochs"])
        if any(type(n) is not int or n < 0 for n in counts) or state.epoch != len(state.rows):
            raise ValueError("it does not say how far the training has come")
        if not all(isinstance(value, (int, float)) for row in state.rows for value in row.values()):
            raise ValueError("the metrics of its epochs are not numbers")
        return Stored(state, str(about["fingerprint"]), about["epochs"], arrays)
