"""Metrics of provable robustness, with deel-lip's names and arguments."""

from lipbuild.metrics.binary_provable_avg_robustness import BinaryProvableAvgRobustness
from lipbuild.metrics.binary_provable_robust_accuracy import BinaryProvableRobustAccuracy
from lipbuild.metrics.categorical_provable_avg_robustness import CategoricalProvableAvgRobustness
from lipbuild.metrics.categorical_provable_robust_accuracy import CategoricalProvableRobustAccuracy

__all__ = [
    "BinaryProvableAvgRobustness",
    "BinaryProvableRobustAccuracy",
    "CategoricalProvableAvgRobustness",
    "CategoricalProvableRobustAccuracy",
]
