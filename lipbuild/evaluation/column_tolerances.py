from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.config.config import Config
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError


def column_tolerances(config: Config, columns: Sequence[InputColumn] | None) -> tuple[Tolerance, ...]:
    """By how much columns may be off, as `certify.tolerance` of a config says.

    Args:
        config: The config.
        columns: What each input of the network is; None where inputs have no names.

    Raises:
        RefusedError: A column is not an input, or is one of text.
    """
    wanted = config.certify.tolerance or {}
    places = {
        column.name: place
        for place, column in enumerate(columns or ())
        if column.category is None and column.indicates is None
    }
    for name in wanted:
        if name not in places:
            raise RefusedError(
                f"`certify.tolerance` names `{name}`, which is not a column of numbers that the network takes",
                f"there are {', '.join(f'`{place}`' for place in places)}" if places else "leave it out",
            )
    return tuple(Tolerance(name, places[name], size) for name, size in wanted.items())


def held_columns(config: Config, columns: Sequence[InputColumn]) -> tuple[str, ...]:
    """The columns without a tolerance, which are held fixed."""
    wanted = config.certify.tolerance or {}
    return tuple(dict.fromkeys(column.name for column in columns if column.name not in wanted))
