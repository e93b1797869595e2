"""Clipping to a fixed interval."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="lipbuild")
class WeightClipConstraint(keras.constraints.Constraint):
    """Clips weights to [-c, c].

    Args:
        c: The largest absolute value.
    """

    def __init__(self, c: float = 2) -> None:
        self.c = c

    def __call__(self, p: Any) -> Any:
        """The clipped weights."""
        return ops.clip(p, -self.c, self.c)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"c": self.c}
