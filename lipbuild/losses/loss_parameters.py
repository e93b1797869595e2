"""Parameters of losses: checked numbers, in variables so that a schedule can change them."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np


def positive_variable(value: Any, name: str, allow_infinity: bool = False) -> Any:
    """A float32 variable of a number above 0.

    Raises:
        ValueError: It is not a number above 0, or it is infinite where that has no meaning.
    """
    return _variable(value, name, lambda x: x > 0 and (allow_infinity or math.isfinite(x)), "above 0")


def non_negative_variable(value: Any, name: str, allow_infinity: bool = False) -> Any:
    """A float32 variable of a number of at least 0.

    Raises:
        ValueError: It is not a number of at least 0, or it is infinite where that has no meaning.
    """
    return _variable(value, name, lambda x: x >= 0 and (allow_infinity or math.isfinite(x)), "of at least 0")


def _variable(value: Any, name: str, accepted: Any, wanted: str) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not accepted(number):
        raise ValueError(f"{name} must be a number {wanted}. Received: {name}={value!r}")
    return keras.Variable(number, dtype="float32", trainable=False, name=name)


def config_value(variable: Any) -> float:
    """The value of such a variable for a configuration: the shortest decimal that gives its float32 back."""
    return float(str(np.float32(keras.ops.convert_to_numpy(variable))))
