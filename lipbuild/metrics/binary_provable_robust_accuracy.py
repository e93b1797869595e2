"""Certified accuracy of a classifier by the sign of its output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.metrics.margin import binary_margin
from lipbuild.metrics.robustness_metric import RobustnessMetric, checked_number


@keras.saving.register_keras_serializable(package="lipbuild")
class BinaryProvableRobustAccuracy(RobustnessMetric):
    """Share of samples whose sign is right and stays so under every L2 perturbation smaller than epsilon.

    The radius of an output f is `|f| / L`. An output of 0 and a NaN certify nothing.

    Args:
        epsilon: The radius, in the units of the input, at least 0.
        lip_const: The network's Lipschitz constant L.
        reduction: For a direct call, see `keras.losses.Loss`.
        name: As in `keras.metrics.Metric`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch,) or (batch, 1).
        y_pred: outputs, shape (batch, 1).

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        epsilon: float = 36 / 255,
        lip_const: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "BinaryProvableRobustAccuracy",
        **kwargs: Any,
    ) -> None:
        epsilon = checked_number(epsilon, "epsilon", above_zero=False)
        super().__init__(lip_const=lip_const, reduction=reduction, name=name, **kwargs)
        self.epsilon = epsilon

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 for certified samples, else 0."""
        margin = binary_margin(y_true, y_pred)
        certified = ops.logical_and(margin > 0.0, margin / self.lip_const >= self.epsilon)
        return ops.cast(certified, "float32")

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
