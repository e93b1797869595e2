"""Variables, of Keras's and of TensorFlow's, on one device or mirrored on several, and their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np


def variables_in(holder: Any) -> list[Any]:
    """The variables that an object keeps which Keras does not look into, as a loss or a constraint."""
    return [value for value in vars(holder).values() if isinstance(value, keras.Variable)]


def learnt_variables(model: keras.Model, loss: keras.losses.Loss) -> list[Any]:
    """What an optimiser updates: the weights of a model, and what its loss learns with them."""
    return [*model.trainable_variables, *(one for one in variables_in(loss) if one.trainable)]


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """Copies of the values. Reading them from the variables themselves changes nothing: no kernel is settled."""
    return [np.array(variable.numpy()) for variable in variables]


def set_values(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    """Set the variables to values that `values_of` gave."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
