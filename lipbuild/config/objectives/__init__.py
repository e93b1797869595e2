"""What a sweep can look for."""

from __future__ import annotations

from lipbuild.config.objectives.objective import ObjectiveSpec
from lipbuild.fields.registry import Registry

__all__ = ["OBJECTIVES", "ObjectiveSpec"]

OBJECTIVES: Registry[ObjectiveSpec] = Registry(
    __name__,
    {
        "accuracy": "accuracy",
        "certified_accuracy": "certified_accuracy",
        "average_certified_radius": "average_certified_radius",
        "mean_absolute_error": "mean_absolute_error",
        "root_mean_squared_error": "root_mean_squared_error",
        "parameters": "parameters",
    },
    {
        "accuracy": "Accuracy",
        "certified_accuracy": "CertifiedAccuracy",
        "average_certified_radius": "AverageCertifiedRadius",
        "mean_absolute_error": "MeanAbsoluteError",
        "root_mean_squared_error": "RootMeanSquaredError",
        "parameters": "Parameters",
    },
)
