"""Checks of the arguments that convolutions and poolings share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


def positive_tuple(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """One positive integer, or `rank` of them, as a tuple.

    Raises:
        ValueError: it is neither.
    """
    values = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,) * rank
    if len(values) != rank or any(isinstance(v, bool) or not isinstance(v, int) or v < 1 for v in values):
        raise ValueError(f"{name} must be a positive integer or {rank} of them. Received: {name}={value!r}")
    return values


def checked_padding(padding: Any, allowed: tuple[str, ...]) -> str:
    """The padding's name in lower case.

    Raises:
        ValueError: it is not allowed.
    """
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in allowed:
        raise ValueError(f"padding must be one of {', '.join(allowed)}. Received: padding={padding!r}")
    return str(name)


def checked_data_format(data_format: str | None) -> str:
    """The data format's name; None gives Keras's setting.

    Raises:
        ValueError: it is neither.
    """
    name = keras.config.image_data_format() if data_format is None else data_format
    if name not in ("channels_last", "channels_first"):
        raise ValueError(
            f"data_format must be 'channels_last' or 'channels_first'. Received: data_format={data_format!r}"
        )
    return str(name)


def channel_axis(data_format: str) -> int:
    """The axis of the channels in a batch."""
    return -1 if data_format == "channels_last" else 1
