"""Metrics of provable robustness, with deel-lip's names and arguments."""

from lipbuild.metrics.binary_provable_robust_accuracy import BinaryProvableRobustAccuracy
from lipbuild.metrics.categorical_provable_robust_accuracy import CategoricalProvableRobustAccuracy

__all__ = ["BinaryProvableRobustAccuracy", "CategoricalProvableRobustAccuracy"]
