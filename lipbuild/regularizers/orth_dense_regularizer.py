"""A penalty on matrices that are not orthogonal."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.normalizers.retraction import gram


@keras.saving.register_keras_serializable(package="lipbuild")
class OrthDenseRegularizer(keras.regularizers.Regularizer):
    """`λ ‖WᵀW - I‖²` in the Frobenius norm, on W's smaller side. It proves nothing about W's norm.

    Args:
        lambda_orth: The weight λ.
    """

    def __init__(self, lambda_orth: float = 1.0) -> None:
        self.lambda_orth = lambda_orth

    def __call__(self, x: Any) -> Any:
        """The penalty, a scalar."""
        g = gram(ops.convert_to_tensor(x))
        return self.lambda_orth * ops.sum(ops.square(g - ops.eye(g.shape[-1], dtype=g.dtype)))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {"lambda_orth": self.lambda_orth}
