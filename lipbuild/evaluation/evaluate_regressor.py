from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import mul_up
from lipbuild.data.baseline import r_squared
from lipbuild.evaluation.evaluation import Evaluation


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
        errors={
            "mean_absolute_error": float(np.abs(difference).mean()),
            "root_mean_squared_error": math.sqrt(float(np.square(difference).mean())),
        },
        r_squared=r_squared(targets, outputs),
        movements=tuple((r, mul_up(r, proved)) for r in radii),
    )
