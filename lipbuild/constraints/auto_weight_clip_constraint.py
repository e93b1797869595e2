"""Clipping to an interval that bounds the norm."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="lipbuild")
class AutoWeightClipConstraint(keras.constraints.Constraint):
    """Clips each weight to [-c, c] with `c = 1 / (scale √size)`, so that the Frobenius norm is at most 1/scale.

    The norm it allows is far from what most kernels could use; `SpectralConstraint` is tighter.

    Args:
        scale: The inverse of the largest norm, above 0.
    """

    def __init__(self, scale: float = 1) -> None:
        self.scale = scale

    def __call__(self, w: Any) -> Any:
        """The clipped weights."""
        c = 1.0 / (math.sqrt(math.prod(w.shape)) * self.scale)
        return ops.clip(w, -c, c)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"scale": self.scale}
