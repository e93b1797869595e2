"""Metrics besides those that lipbuild always shows."""

from __future__ import annotations

from lipbuild.config.metrics.metric import MetricSpec
from lipbuild.fields.registry import Registry

__all__ = ["METRICS", "MetricSpec"]

METRICS: Registry[MetricSpec] = Registry(
    __name__,
    {
        "TopKCategoricalAccuracy": "top_k_categorical_accuracy",
        "MeanAbsoluteError": "mean_absolute_error",
        "MeanSquaredError": "mean_squared_error",
        "RootMeanSquaredError": "root_mean_squared_error",
        "CategoricalProvableAvgRobustness": "categorical_provable_avg_robustness",
        "BinaryProvableAvgRobustness": "binary_provable_avg_robustness",
        "KR": "kr",
        "MulticlassKR": "multiclass_kr",
    },
)
