"""ReLU with learned slopes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


class SlopeConstraint(keras.constraints.Constraint):
    """Clips to [-1, 1]."""

    def __call__(self, w: Any) -> Any:
        """The clipped slopes."""
        return ops.clip(w, -1.0, 1.0)


@keras.saving.register_keras_serializable(package="lipbuild")
class PReLUlip(LipschitzLayer, keras.layers.Layer):
    """`k (max(0, x) + α min(0, x))` with a learned slope α in [-1, 1] for each feature.

    In place of `keras.layers.PReLU`. Its Lipschitz constant is k exactly; the gradient's norm is kept where α
    is ±1.

    It costs a product a value.

    Args:
        k_coef_lip: The Lipschitz constant k.
        alpha_initializer: Initializer of the slopes, clipped to [-1, 1].
        shared_axes: Axes along which slopes are shared, the batch axis being 0, as in `keras.layers.PReLU`.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Input shape:
        Any; the axes that are not shared have to be known.

    Output shape:
        Same as the input.

    Raises:
        ValueError: k_coef_lip is not above 0, or an axis is unknown.

    Reference:
        He et al., Delving deep into rectifiers: surpassing human-level performance on ImageNet classification (ICCV
        2015).
    """

    def __init__(
        self,
        k_coef_lip: float = 1.0,
        alpha_initializer: Any = "zeros",
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip
        self.alpha_initializer = keras.initializers.get(alpha_initializer)
        axes = () if shared_axes is None else shared_axes
        self.shared_axes = (axes,) if isinstance(axes, int) else tuple(axes)
        self.alpha: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the slopes."""
        shape = list(input_shape[1:])
        for axis in self.shared_axes:
            shape[axis - 1] = 1
        if None in shape:
            raise ValueError(
                "PReLUlip has a slope for each feature, so the axes that are not shared have to be known. "
                f"Received: input_shape={tuple(input_shape)}, shared_axes={self.shared_axes}"
            )
        initializer, constraint = self.alpha_initializer, SlopeConstraint()
        self.alpha = self.add_weight(
            name="alpha",
            shape=tuple(shape),
            initializer=lambda shape, dtype=None: constraint(initializer(shape, dtype=dtype)),
            constraint=constraint,
        )

    def _apply(self, inputs: Any, alpha: Any) -> Any:
        return ops.relu(inputs) - alpha * ops.relu(-inputs)

    def call(self, inputs: Any) -> Any:
        """Apply the slopes and scale."""
        outputs = self._apply(inputs, ops.convert_to_tensor(self.alpha))
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def plain_call(self, inputs: Any) -> Any:
        """Keras's PReLU and a scale."""
        layer = keras.layers.PReLU(
            shared_axes=self.shared_axes or None, name=self.name, dtype=self.dtype_policy
        )
        outputs = layer(inputs)
        layer.alpha.assign(self.alpha)
        if self.k_coef_lip == 1.0:
            return outputs
        scale = keras.layers.Rescaling(self.k_coef_lip, name=f"{self.name}_scale", dtype=self.dtype_policy)
        return scale(outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "k_coef_lip": self.k_coef_lip,
            "alpha_initializer": keras.initializers.serialize(self.alpha_initializer),
            "shared_axes": list(self.shared_axes) or None,
        }
