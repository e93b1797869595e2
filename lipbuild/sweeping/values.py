"""What a trial takes from a key's range or choices, as the text of a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lipbuild.config.dump import flow
from lipbuild.config.sweep.dimension import Dimension
from lipbuild.config.sweep.space import Space
from lipbuild.text.nodes import plain

if TYPE_CHECKING:
    from optuna import Trial


def choices(key: Dimension) -> list[str]:
    """The choices of a key as YAML on one line."""
    return [flow(plain(node)) for node in key.nodes]


def suggest(trial: Trial, key: Dimension) -> str:
    """The value that a trial has for a key, as YAML."""
    numbers = key.range
    if numbers is None:
        return str(trial.suggest_categorical(key.path, choices(key)))
    kind: Any = trial.suggest_int if numbers.is_whole else trial.suggest_float
    # With `log`, Optuna's whole numbers have a step of 1, and its real ones none.
    step = {} if numbers.log or numbers.spacing is None else {"step": numbers.spacing}
    return flow(numbers.nearest(kind(key.path, numbers.low, numbers.high, log=numbers.log, **step)))


def options_of(space: Space, parameters: dict[str, Any]) -> dict[str, str]:
    """The values of a trial by their paths, as YAML, from what Optuna has stored of it."""
    found = {}
    for key in space:
        if key.path in parameters:
            value = parameters[key.path]
            found[key.path] = str(value) if key.range is None else flow(key.range.nearest(value))
    return found


def grid(space: Space) -> dict[str, list[Any]]:
    """Every value of each key, as Optuna stores them."""
    return {
        key.path: choices(key)
        if key.range is None
        else [key.range.number(index) for index in range(key.range.count or 0)]
        for key in space
    }


def described(space: Space) -> dict[str, str]:
    """What each key takes, as a config has it."""
    return {
        key.path: key.range.describe() if key.range is not None else f"[{', '.join(choices(key))}]"
        for key in space
    }
