"""A residual connection that stays Lipschitz."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.layers.lipschitz_layer import LipschitzLayer, check_klip_factor


@keras.saving.register_keras_serializable(package="lipbuild")
class LipResidual(LipschitzLayer, keras.layers.Layer):
    """`k (α x + (1 - α) y)` of two inputs, with a learned α in (0, 1).

    In place of `keras.layers.Add`, whose constant is the sum of its branches'. If x and y = f(x) are both
    L-Lipschitz in the network's input, so is the result (times k); `lipschitz_bound` states k for that case:
    the larger of the two branches' constants, times k.

    The constant is exact where both inputs agree, and a bound otherwise. It costs a weighted sum.

    Args:
        k_coef_lip: The Lipschitz factor k.
        alpha_initializer: Initializer of the logit of α; "zeros" starts at α = 1/2.
        **kwargs: `name`, `dtype`, `trainable` and what else `keras.layers.Layer` takes.

    Call arguments:
        inputs: Two tensors `[x, y]` of the same shape.

    Input shape:
        Any, the same twice.

    Output shape:
        That of each input.

    Raises:
        ValueError: There are not two inputs of the same shape.
    """

    def __init__(self, k_coef_lip: float = 1.0, alpha_initializer: Any = "zeros", **kwargs: Any) -> None:
        k_coef_lip = check_klip_factor(k_coef_lip)
        super().__init__(**kwargs)
        self.k_coef_lip = k_coef_lip
        self.alpha_initializer = keras.initializers.get(alpha_initializer)
        self.logit: Any = None

    def _check(self, input_shape: Any) -> Any:
        shapes = list(input_shape) if isinstance(input_shape, (list, tuple)) else []
        two = len(shapes) == 2 and all(isinstance(s, (list, tuple)) for s in shapes)
        if not two or tuple(shapes[0][1:]) != tuple(shapes[1][1:]):
            raise ValueError(f"LipResidual takes two inputs of the same shape. Received: {input_shape}")
        return shapes[0]

    def build(self, input_shape: Any) -> None:
        """Create the weight."""
        self._check(input_shape)
        self.logit = self.add_weight(name="logit", shape=(), initializer=self.alpha_initializer)

    def _mix(self, inputs: Any, alpha: Any) -> Any:
        x, y = inputs
        # y + α (x - y) would round outside the convex hull.
        outputs = alpha * x + (1.0 - alpha) * y
        return outputs if self.k_coef_lip == 1.0 else outputs * self.k_coef_lip

    def call(self, inputs: Any) -> Any:
        """The convex combination, scaled."""
        return self._mix(inputs, ops.sigmoid(ops.convert_to_tensor(self.logit)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of each input."""
        return tuple(self._check(input_shape))

    def plain_call(self, inputs: Any) -> Any:
        """Keras operations, with the present weight as a constant."""
        return self._mix(inputs, float(ops.convert_to_numpy(ops.sigmoid(ops.convert_to_tensor(self.logit)))))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "k_coef_lip": self.k_coef_lip,
            "alpha_initializer": keras.initializers.serialize(self.alpha_initializer),
        }
