from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import Array

# What a layer is configured with that has no part in what it computes at inference.
_IGNORED = {
    "name", "trainable", "autocast", "rate", "noise_shape", "seed", "stddev", "l1", "l2", "momentum", "synchronized",
    "renorm_clipping", "renorm_momentum", "lora_alpha",
}  # fmt: skip
_IGNORED_ENDS = ("_initializer", "_regularizer", "_constraint")
_ABSENT = object()


class Options:
    """The configuration of a layer, every entry of which has to be taken or known to be of no matter.

    Args:
        where: The layer.
        config: Its entries.
    """

    def __init__(self, where: str, config: Mapping[str, Any]) -> None:
        self.where = where
        self.left = dict(config)

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        """An entry.

        Raises:
            RefusedError: If it is missing and has no default.
        """
        value = self.left.pop(key, default)
        if value is _ABSENT:
            raise RefusedError(self.where, f"has no `{key}`")
        return value

    def only(self, key: str, *allowed: Any) -> None:
        """An entry that must be one of a few values, or missing."""
        value = self.left.pop(key, allowed[0])
        if isinstance(value, bool) != isinstance(allowed[0], bool) or value not in allowed:
            raise RefusedError(self.where, f"has `{key}`: {value!r}, which is not known")

    def flag(self, key: str, default: Any = _ABSENT) -> bool:
        """A truth value."""
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise RefusedError(self.where, f"has `{key}`: {value!r}, no truth value")
        return value

    def whole(self, key: str) -> int:
        """A positive whole number."""
        value = self.take(key)
        if type(value) is not int or value < 1:
            raise RefusedError(self.where, f"has `{key}`: {value!r}, no positive whole number")
        return value

    def wholes(self, key: str, default: Any = _ABSENT) -> tuple[int, ...]:
        """Positive whole numbers."""
        value = self.take(key, default)
        if not isinstance(value, (list, tuple)) or any(type(v) is not int or v < 1 for v in value):
            raise RefusedError(self.where, f"has `{key}`: {value!r}, no positive whole numbers")
        return tuple(value)

    def float32(self, key: str, default: Any = _ABSENT) -> float:
        """A number as float32, in which a layer computes with it."""
        return float32(self.where, self.take(key, default))

    def finish(self) -> None:
        """Refuse what is left.

        Raises:
            RefusedError: If an entry is left that may matter.
        """
        for key in self.left:
            if key not in _IGNORED and not key.endswith(_IGNORED_ENDS):
                raise RefusedError(self.where, f"has the option `{key}`, which is not known")


def float32(where: str, value: Any) -> float:
    """A finite number as float32."""
    if type(value) not in (int, float):
        raise RefusedError(where, f"has {value!r:.60} where a finite number is needed")
    return float(float32s(where, value))


def float32s(where: str, value: Any) -> Array:
    """Numbers as float32."""
    try:
        given = np.asarray(value)
    except ValueError as error:
        raise RefusedError(where, f"has {value!r:.60} where numbers are needed") from error
    if given.dtype.kind not in "iuf":
        raise RefusedError(where, f"has {value!r:.60} where numbers are needed")
    with np.errstate(over="ignore"):
        array = given.astype(np.float32).astype(np.float64)
    if not np.isfinite(array).all():
        raise RefusedError(where, "has a number that is not finite")
    return array
