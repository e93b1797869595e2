"""Division by the Frobenius norm."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="lipbuild")
class FrobeniusConstraint(keras.constraints.Constraint):
    """Divides weights by their Frobenius norm, which bounds the spectral norm.

    Args:
        eps: Added to the norm, so that zero stays zero.
    """

    def __init__(self, eps: float = 1e-7) -> None:
        self.eps = eps

    def __call__(self, w: Any) -> Any:
        """The divided weights."""
        return w / (ops.sqrt(ops.sum(ops.square(w))) + self.eps)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"eps": self.eps}
