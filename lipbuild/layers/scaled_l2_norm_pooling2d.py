"""Pooling by the L2 norm."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.scaled_average_pooling2d import ScaledAveragePooling2D
from lipbuild.metrics.robustness_metric import checked_number


@keras.saving.register_keras_serializable(package="lipbuild")
class ScaledL2NormPooling2D(ScaledAveragePooling2D):
    """`k √(Σ x² + ph pw ε)` over windows of (ph, pw) that do not overlap.

    In place of pooling by average or maximum. The constant is k and exact, and the gradient's norm is k too but for ε:
    the layer keeps gradients as they are.

    It costs a square a value and a root a window.

    Args:
        pool_size: One or two positive integers.
        strides: Must be None or equal to pool_size.
        padding: Must be "valid".
        data_format: "channels_last", "channels_first" or None for Keras's setting.
        k_coef_lip: The Lipschitz constant k.
        eps_grad_sqrt: ε, at least 0: added to the mean square, since the square root has no gradient at 0.
            With 0 the gradient of an all-zero window is NaN.
        **kwargs: `name`, `dtype` and what else `keras.layers.Layer` takes.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with channels first.

    Output shape:
        `(batch, height // ph, width // pw, channels)`, or with channels first accordingly.

    Raises:
        ValueError: An argument is out of its range; the message says which and what it was.

    Reference:
        Boureau, Ponce & LeCun, A theoretical analysis of feature pooling in visual recognition (ICML 2010).
    """

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        k_coef_lip: float = 1.0,
        eps_grad_sqrt: float = 1e-6,
        **kwargs: Any,
    ) -> None:
        eps_grad_sqrt = checked_number(eps_grad_sqrt, "eps_grad_sqrt", above_zero=False)
        super().__init__(
            pool_size=pool_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            k_coef_lip=k_coef_lip,
            **kwargs,
        )
        self.eps_grad_sqrt = eps_grad_sqrt

    def call(self, inputs: Any) -> Any:
        """The norm of each window, scaled."""
        pooled = ops.average_pool(
            ops.square(inputs),
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )
        return ops.sqrt(pooled + self.eps_grad_sqrt) * self.scale

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations around its average pooling."""
        pooled = self._plain_layer(self.name)(ops.square(inputs))
        outputs = ops.sqrt(pooled + self.eps_grad_sqrt)
        return keras.layers.Rescaling(self.scale, name=f"{self.name}_scale", dtype=self.dtype_policy)(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "eps_grad_sqrt": self.eps_grad_sqrt}
