"""What the robustness metrics share."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import keras
from keras import ops


def checked_number(value: Any, name: str, above_zero: bool) -> float:
    """A finite number, at least 0 or above it, as a float.

    Raises:
        ValueError: It is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or number < 0 or (above_zero and number == 0):
        wanted = "above 0" if above_zero else "of at least 0"
        raise ValueError(f"{name} must be a finite number {wanted}. Received: {name}={value!r}")
    return number


class RobustnessMetric(keras.metrics.Mean):
    """The mean of a per-sample value over all samples seen since the last reset.

    As a metric of `compile` it is averaged over samples, so that a smaller last batch does not count more.
    Called directly with labels and outputs it gives their value alone and keeps no state, as deel-lip's
    metrics do.
    """

    def __init__(self, lip_const: float, reduction: str | None, name: str | None, **kwargs: Any) -> None:
        if reduction not in ("sum_over_batch_size", "mean", "auto", "sum", "none", None):
            raise ValueError(
                "reduction must be 'sum_over_batch_size', 'mean', 'sum' or None. "
                f"Received: reduction={reduction!r}"
            )
        lip_const = checked_number(lip_const, "lip_const", above_zero=True)
        super().__init__(name=name, **kwargs)
        self.lip_const = lip_const
        self.reduction = reduction

    @abstractmethod
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Values of each sample."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into the mean."""
        super().update_state(self.call(y_true, y_pred), sample_weight=sample_weight)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The value of this batch alone, reduced as the argument says."""
        values = self.call(y_true, y_pred)
        if sample_weight is not None:
            weights = ops.cast(sample_weight, values.dtype)
            while len(weights.shape) < len(values.shape):
                weights = ops.expand_dims(weights, -1)
            values = values * weights
        if self.reduction in (None, "none"):
            return values
        return ops.sum(values) if self.reduction == "sum" else ops.mean(values)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "lip_const": self.lip_const, "reduction": self.reduction}
