"""Mean certified radius of a classifier by the sign of its output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lipbuild.metrics.margin import binary_margin
from lipbuild.metrics.robustness_metric import RobustnessMetric


@keras.saving.register_keras_serializable(package="lipbuild")
class BinaryProvableAvgRobustness(RobustnessMetric):
    """Mean over samples of the certified radius `|f| / L`, in L2: 0 where the sign is wrong.

    Args:
        lip_const: The network's Lipschitz constant L.
        negative_robustness: Whether wrong signs count with `-|f| / L` instead of 0.
        reduction: For a direct call, see `keras.losses.Loss`.
        name: As in `keras.metrics.Metric`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: labels in {0, 1} or {-1, 1}, shape (batch,) or (batch, 1).
        y_pred: outputs, shape (batch, 1).

    Raises:
        ValueError: lip_const is not above 0.
    """

    def __init__(
        self,
        lip_const: float = 1.0,
        negative_robustness: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "BinaryProvableAvgRobustness",
        **kwargs: Any,
    ) -> None:
        super().__init__(lip_const=lip_const, reduction=reduction, name=name, **kwargs)
        self.negative_robustness = bool(negative_robustness)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Radii."""
        radius = binary_margin(y_true, y_pred) / self.lip_const
        return radius if self.negative_robustness else ops.relu(radius)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "negative_robustness": self.negative_robustness}
