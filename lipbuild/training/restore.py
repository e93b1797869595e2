from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.random_state import random_state, set_random_state
from lipbuild.training.state_file import Stored
from lipbuild.training.training_state import TrainingState
from lipbuild.training.variables import set_values, values_of


def restore(
    stored: Stored | None,
    tracked: Mapping[str, Sequence[Any]],
    columns: Sequence[str],
    distribution: Distribution,
) -> TrainingState:
    """Set every variable, and the random generators, to what a checkpoint holds.

    The chief alone has to have the checkpoint: the others are given what is in it.

    Args:
        stored: The checkpoint; None in the other processes, and where there is none.
        tracked: The variables, by group.
        columns: The names of the metrics of an epoch.
        distribution: The processes.

    Returns:
        How far the training had come: to the beginning where there is no checkpoint.

    Raises:
        RefusedError: It is the checkpoint of another network or optimiser.
    """
    if not distribution.anywhere(stored is not None):
        return TrainingState()
    state = _restore_state(stored, columns, distribution)
    groups = {name: values_of(variables) for name, variables in tracked.items()}
    groups["random"] = list(random_state().values())
    names = list(random_state())
    for name, values in groups.items():
        if stored is not None:
            values = _matching(name, values, stored.arrays.get(name, ()))
        given = distribution.from_chief(values)
        if name == "random":
            set_random_state(dict(zip(names, given)))
        else:
            set_values(tracked[name], given)
    return state


def _restore_state(
    stored: Stored | None, columns: Sequence[str], distribution: Distribution
) -> TrainingState:
    state = stored.state if stored is not None else TrainingState()
    numbers = np.asarray([state.epoch, state.step, state.measuring, len(state.rows)], np.int64)
    epoch, step, measuring, count = (int(x) for x in distribution.from_chief([numbers])[0])
    table = np.zeros((count, len(columns)))
    if stored is not None:
        for row in state.rows:
            if list(row) != ["epoch", *columns]:
                raise RefusedError("the checkpoint is of a training with other metrics")
        found = np.asarray([[row[name] for name in columns] for row in state.rows], np.float64)
        table = found.reshape(count, len(columns))
    (values,) = distribution.from_chief([table])
    rows = [{"epoch": at + 1, **dict(zip(columns, row.tolist()))} for at, row in enumerate(values)]
    return TrainingState(epoch, step, bool(measuring), rows)


def _matching(name: str, values: list[np.ndarray], found: Sequence[np.ndarray]) -> list[np.ndarray]:
    if [(value.shape, value.dtype) for value in found] != [(value.shape, value.dtype) for value in values]:
        raise RefusedError(f"the checkpoint is of another training: its {name} does not fit")
    return list(found)
