"""Global pooling by the L2 norm."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.scaled_global_average_pooling2d import ScaledGlobalAveragePooling2D
from lipbuild.metrics.robustness_metric import checked_number


@keras.saving.register_keras_serializable(package="lipbuild")
class ScaledGlobalL2NormPooling2D(ScaledGlobalAveragePooling2D):
    """`k √(Σ x² + ε)` over the whole image of each channel.

    In place of global pooling by average or maximum. The constant is k and exact, and the gradient's norm is k too but
    for ε.

    It costs a square a value and a root a window.

    Args:
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        k_coef_lip: The Lipschitz constant k.
        eps_grad_sqrt: ε, at least 0: added to the sum of squares, since the square root has no gradient at 0.
        keepdims: Whether the output keeps two axes of size 1.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        `(batch, channels)`.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Boureau, Ponce & LeCun, A theoretical analysis of feature pooling in visual recognition (ICML 2010).
    """

    def __init__(
        self,
        data_format: str | None = None,
        k_coef_lip: float = 1.0,
        eps_grad_sqrt: float = 1e-6,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        eps_grad_sqrt = checked_number(eps_grad_sqrt, "eps_grad_sqrt", above_zero=False)
        super().__init__(data_format=data_format, keepdims=keepdims, k_coef_lip=k_coef_lip, **kwargs)
        self.eps_grad_sqrt = eps_grad_sqrt

    def _scale(self, input_shape: Any) -> float:
        return self.k_coef_lip

    def call(self, inputs: Any) -> Any:
        """The norm of each channel, scaled."""
        squares = ops.sum(ops.square(inputs), axis=self._axes, keepdims=self.keepdims)
        outputs = ops.sqrt(squares + self.eps_grad_sqrt)
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations."""
        squares = ops.sum(ops.square(inputs), axis=self._axes, keepdims=self.keepdims)
        outputs = ops.sqrt(squares + self.eps_grad_sqrt)
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "eps_grad_sqrt": self.eps_grad_sqrt}
