"""The values of variables, of Keras's and of TensorFlow's, on one device or mirrored on several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """Copies of the values. Reading them from the variables themselves changes nothing: no kernel is settled."""
    return [np.array(variable.numpy()) for variable in variables]


def set_values(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    """Set the variables to values that `values_of` gave."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
