"""Clean and certified accuracy on a test set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.spec.losses.loss import Task


@dataclass(frozen=True)
class Evaluation:
    """What a network does on a test set.

    Attributes:
        task: What it was trained for.
        samples: The number of samples.
        promised: The Lipschitz constant that its config promises.
        proved: The constant proved from its weights, by which margins become radii.
        unit: What one unit of a radius is.
        accuracy: The share of samples that are right; None for regression.
        certified: For each radius the share that is right and stays so under every L2 perturbation smaller
            than it; empty for regression.
        average_radius: The mean certified radius, 0 where wrong; None for regression.
        errors: Mean absolute and root mean squared error; empty for classification.
        movements: For each radius how far an output can move at most; empty for classification.
        voided_by: The soundness rules that the config silences. Where there is one nothing is certified.
    """

    task: Task
    samples: int
    promised: float
    proved: float
    unit: str
    accuracy: float | None
    certified: tuple[tuple[float, float], ...]
    average_radius: float | None
    errors: dict[str, float]
    movements: tuple[tuple[float, float], ...]
    voided_by: tuple[str, ...] = ()

    def void(self, rules: tuple[str, ...]) -> Evaluation:
        """The same without anything that is certified, where rules are silenced; itself where none is."""
        if not rules:
            return self
        return replace(self, certified=(), movements=(), average_radius=None, voided_by=rules)

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        value: dict[str, Any] = {
            "task": self.task,
            "samples": self.samples,
            "lipschitz": {"promised": self.promised, "proved": self.proved, "norm": "L2"},
            "radius_unit": self.unit,
        }
        if self.voided_by:
            value["void"] = {"silenced_rules": list(self.voided_by)}
        if self.task == "regression":
            value |= self.errors
            value["output_moves_at_most"] = [{"radius": r, "movement": m} for r, m in self.movements]
        else:
            value["accuracy"] = self.accuracy
            value["certified_accuracy"] = [{"radius": r, "accuracy": a} for r, a in self.certified]
            value["average_certified_radius"] = self.average_radius
            value["semantics"] = (
                "real: the function of the exported weights in exact arithmetic; logits computed in float64"
            )
        return value


def evaluate_classifier(
    task: Task,
    logits: NDArray[np.float64],
    radii_of: NDArray[np.float64],
    targets: NDArray[np.generic],
    radii: Sequence[float],
    *,
    promised: float,
    proved: float,
    unit: str,
) -> Evaluation:
    """Clean accuracy, and certified accuracy at each radius.

    Args:
        task: `multiclass` or `binary`.
        logits: The outputs in float64, (samples, outputs).
        radii_of: The certified radius of each sample's prediction; 0 for a tie.
        targets: The class number of each sample.
        radii: The radii asked for.
        promised: The config's constant.
        proved: The constant proved from the weights.
        unit: What one unit of a radius is.
    """
    if task == "binary":
        predicted = (logits[:, 0] > 0).astype(np.int64)
        decided = logits[:, 0] != 0
    else:
        predicted = logits.argmax(axis=1)
        decided = (logits == logits.max(axis=1, keepdims=True)).sum(axis=1) == 1
    right = decided & (predicted == targets.astype(np.int64))
    return Evaluation(
        task=task,
        samples=len(logits),
        promised=promised,
        proved=proved,
        unit=unit,
        accuracy=float(right.mean()),
        certified=tuple((r, float((right & (radii_of > 0) & (radii_of >= r)).mean())) for r in radii),
        average_radius=float(np.where(right, radii_of, 0.0).mean()),
        errors={},
        movements=(),
    )


def evaluate_regressor(
    outputs: NDArray[np.float64],
    targets: NDArray[np.generic],
    radii: Sequence[float],
    *,
    promised: float,
    proved: float,
    unit: str,
) -> Evaluation:
    """Errors, and how far an output can move under a perturbation of each radius: |Δf| ≤ L·‖Δx‖.

    Args:
        outputs: The predictions in float64, (samples, outputs).
        targets: What they should be, of the same shape.
        radii: The radii asked for.
        promised: The config's constant.
        proved: The constant proved from the weights.
        unit: What one unit of a radius is.
    """
    difference = outputs - targets.astype(np.float64)
    return Evaluation(
        task="regression",
        samples=len(outputs),
        promised=promised,
        proved=proved,
        unit=unit,
        accuracy=None,
        certified=(),
        average_radius=None,
        errors={
            "mean_absolute_error": float(np.abs(difference).mean()),
            "root_mean_squared_error": math.sqrt(float(np.square(difference).mean())),
        },
        movements=tuple((r, math.nextafter(r * proved, math.inf)) for r in radii),
    )
