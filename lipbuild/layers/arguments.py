"""What layers do with their arguments: pass them on, and check those that several layers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras


def arguments_of(scope: Mapping[str, Any], *own: str) -> dict[str, Any]:
    """The arguments of an `__init__` by name, those in `**kwargs` among them, to call that of the base class with.

    Args:
        scope: Its `locals()`, before any other variable is set.
        *own: The arguments that the base class does not take.
    """
    hidden = ("self", "__class__", "kwargs", *own)
    return {**{name: value for name, value in scope.items() if name not in hidden}, **scope["kwargs"]}


def positive_integer(value: Any, name: str) -> int:
    """The value, if it is a positive integer.

    Raises:
        ValueError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a positive integer. Received: {name}={value!r}")
    return value


def positive_tuple(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """One positive integer, or `rank` of them, as a tuple.

    Raises:
        ValueError: It is neither.
    """
    values = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,) * rank
    if len(values) != rank or any(isinstance(v, bool) or not isinstance(v, int) or v < 1 for v in values):
        raise ValueError(f"{name} must be a positive integer or {rank} of them. Received: {name}={value!r}")
    return values


def checked_padding(padding: Any, allowed: tuple[str, ...]) -> str:
    """The padding's name in lower case.

    Raises:
        ValueError: It is not allowed.
    """
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in allowed:
        raise ValueError(f"padding must be one of {', '.join(allowed)}. Received: padding={padding!r}")
    return str(name)


def checked_data_format(data_format: str | None) -> str:
    """The data format's name; None gives Keras's setting.

    Raises:
        ValueError: It is neither.
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


def checked_share(value: Any, name: str) -> float:
    """A share of channels as a float.

    Raises:
        ValueError: It is not above 0 and at most 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1. Received: {name}={value!r}")
    return float(value)
