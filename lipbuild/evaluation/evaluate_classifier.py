from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Task
from lipbuild.evaluation.calibration import Calibration
from lipbuild.evaluation.class_evaluation import evaluate_classes
from lipbuild.evaluation.curve import curve_radii, shares
from lipbuild.evaluation.evaluation import Evaluation, Points
from lipbuild.evaluation.judged import Judged
from lipbuild.evaluation.serving import Serving


def evaluate_classifier(
    task: Task,
    judged: Judged,
    names: Sequence[str],
    radii: Sequence[float],
    *,
    promised: float,
    proved: float,
    unit: str,
    serving: Serving | None = None,
    calibration: Calibration | None = None,
) -> Evaluation:
    """Clean accuracy, and certified accuracy at each radius and along a curve, in all and for each class.

    Args:
        task: `multiclass` or `binary`.
        judged: The samples, with what is proved about each.
        names: The names of the classes.
        radii: The radii asked for.
        promised: The config's constant.
        proved: The constant proved from the weights.
        unit: What one unit of a radius is.
        serving: What rounding does to the answers.
        calibration: What margins say about being right.
    """
    reached, reached32 = judged.reached, judged.reached32
    curve = curve_radii(reached) if reached is not None else ()
    return Evaluation(
        task=task,
        samples=len(judged.targets),
        promised=promised,
        proved=proved,
        unit=unit,
        accuracy=float(judged.right.mean()),
        certified=_points(reached, radii),
        average_radius=_average(reached),
        certified32=_points(reached32, radii),
        average_radius32=_average(reached32),
        curve=_points(reached, curve),
        serving=serving,
        classes=evaluate_classes(names, judged.targets, judged.right, reached, judged.targeted, radii),
        class_names=tuple(names),
        confusion=_confusion(judged, len(names)),
        calibration=calibration,
    )


def _points(reached: NDArray[np.float64] | None, radii: Sequence[float]) -> Points:
    return tuple(zip(radii, shares(reached, radii))) if reached is not None else ()


def _average(reached: NDArray[np.float64] | None) -> float | None:
    return float(np.maximum(reached, 0.0).mean()) if reached is not None else None


def _confusion(judged: Judged, classes: int) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (judged.targets, judged.logits.labels), 1)
    return tuple(tuple(int(n) for n in row) for row in counts)
