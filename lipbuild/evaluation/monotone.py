"""Whether a network is proved to rise and fall with the columns that its config says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipbuild.config.config import Config
from lipbuild.errors import RefusedError


def check_monotone(config: Config, slopes: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    """Let a network through whose slopes have the signs that `model.monotone` asks for.

    Args:
        config: The config.
        slopes: For each column the least and the greatest slope of each output, proved.

    Raises:
        RefusedError: A slope is not proved to have its sign.
    """
    for name, direction in ((config.model.monotone if config.model is not None else None) or {}).items():
        least, greatest = slopes.get(name, ((-1.0,), (1.0,)))
        if not (min(least) >= 0.0 if direction == "increasing" else max(greatest) <= 0.0):
            raise RefusedError(
                f"the output is not proved to be {direction} in `{name}`, as `model.monotone` says",
                "its weights were changed after the training, or a step of the preprocessing mixes columns",
            )
