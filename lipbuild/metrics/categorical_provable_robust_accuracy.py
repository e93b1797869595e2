"""Certified accuracy of a classifier."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lipbuild.metrics.margin import multiclass_margin
from lipbuild.metrics.robustness_metric import RobustnessMetric, checked_number


@keras.saving.register_keras_serializable(package="lipbuild")
class CategoricalProvableRobustAccuracy(RobustnessMetric):
    """Share of samples classified right, and so under every L2 perturbation smaller than epsilon.

    A sample counts if its margin `f_y - max_{i≠y} f_i` is above 0 and its radius at least epsilon. The radius
    is `margin / (√2 L)` for a network that is L-Lipschitz as a whole, since a difference of two outputs is √2
    L-Lipschitz, and `margin / (2 L)` where only each output by itself is (`disjoint_neurons`). A tie and a
    NaN certify nothing.

    Args:
        epsilon: The radius, in the units of the input, at least 0.
        lip_const: The network's Lipschitz constant L.
        disjoint_neurons: True if the last layer is a `FrobeniusDense(disjoint_neurons=True)`, whose outputs
            are each L-Lipschitz; False if the whole output is.
        reduction: For a direct call, see `keras.losses.Loss`.
        name: As in `keras.metrics.Metric`.
        **kwargs: `dtype`.

    Call arguments:
        y_true: class numbers of shape (batch,) or (batch, 1), or one column a class.
        y_pred: logits, shape (batch, classes).

    Raises:
        ValueError: An argument is out of its range.

    Reference:
        Tsuzuku, Sato & Sugiyama, Lipschitz-margin training (NeurIPS 2018).
    """

    def __init__(
        self,
        epsilon: float = 36 / 255,
        lip_const: float = 1.0,
        disjoint_neurons: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "CategoricalProvableRobustAccuracy",
        **kwargs: Any,
    ) -> None:
        epsilon = checked_number(epsilon, "epsilon", above_zero=False)
        super().__init__(lip_const=lip_const, reduction=reduction, name=name, **kwargs)
        self.epsilon = epsilon
        self.disjoint_neurons = bool(disjoint_neurons)

    @property
    def certificate_factor(self) -> float:
        """The Lipschitz constant of a difference of two outputs."""
        return (2.0 if self.disjoint_neurons else math.sqrt(2.0)) * self.lip_const

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 for certified samples, else 0. Shape (batch,)."""
        margin = multiclass_margin(y_true, y_pred)
        certified = ops.logical_and(margin > 0.0, margin / self.certificate_factor >= self.epsilon)
        return ops.cast(certified, "float32")

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "epsilon": self.epsilon, "disjoint_neurons": self.disjoint_neurons}
