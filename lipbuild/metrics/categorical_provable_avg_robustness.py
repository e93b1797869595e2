"""Mean certified radius of a classifier."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.metrics.margin import multiclass_margin
from lipbuild.metrics.robustness_metric import RobustnessMetric


@keras.saving.register_keras_serializable(package="lipbuild")
class CategoricalProvableAvgRobustness(RobustnessMetric):
    """Mean over samples of the certified radius, in L2: 0 where the prediction is wrong.

    The radius is `margin / (√2 L)`, or `margin / (2 L)` with disjoint neurons, see
    `CategoricalProvableRobustAccuracy`.

    Args:
        lip_const: The network's Lipschitz constant L.
        disjoint_neurons: True if the last layer is a `FrobeniusDense(disjoint_neurons=True)`.
        negative_robustness: Whether wrong predictions count with their negative margin instead of 0.
        reduction: For a direct call, see `keras.losses.Loss`.
        name: As in `keras.metrics.Metric`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers of shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: lip_const is not above 0.
    """

    def __init__(
        self,
        lip_const: float = 1.0,
        disjoint_neurons: bool = True,
        negative_robustness: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "CategoricalProvableAvgRobustness",
        **kwargs: Any,
    ) -> None:
        super().__init__(lip_const=lip_const, reduction=reduction, name=name, **kwargs)
        self.disjoint_neurons = bool(disjoint_neurons)
        self.negative_robustness = bool(negative_robustness)

    @property
    def certificate_factor(self) -> float:
        """The Lipschitz constant of a difference of two outputs."""
        return (2.0 if self.disjoint_neurons else math.sqrt(2.0)) * self.lip_const

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Radii, shape (batch,)."""
        radius = multiclass_margin(y_true, y_pred) / self.certificate_factor
        return radius if self.negative_robustness else ops.relu(radius)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            **super().get_config(),
            "disjoint_neurons": self.disjoint_neurons,
            "negative_robustness": self.negative_robustness,
        }
