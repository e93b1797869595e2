from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lipbuild.config.choices import Task
from lipbuild.data.baseline import Baseline
from lipbuild.evaluation.attack_summary import AttackSummary
from lipbuild.evaluation.calibration import Calibration
from lipbuild.evaluation.class_distance import ClassDistance
from lipbuild.evaluation.class_evaluation import ClassEvaluation
from lipbuild.evaluation.column_slope import ColumnSlope
from lipbuild.evaluation.movement_attack import MovementAttack
from lipbuild.evaluation.serving import Serving
from lipbuild.evaluation.tolerance_evaluation import ToleranceEvaluation
from lipbuild.outputs.shown import Shown

VERSION = 1

Points = tuple[tuple[float, float], ...]

_MEANINGS = {
    "real": "within the radius the class of the function in exact arithmetic does not change",
    "float32": "within the radius the class served in float32 does not change, whatever the order of its sums",
    "guarded": "served behind a guard, a label is that of the function in exact arithmetic: the real radius holds",
}


@dataclass(frozen=True)
class Measured:
    """What was measured on.

    Attributes:
        on: The other file or folder that was named; empty for the run's own test part.
        digest: The digest of its samples, by the key of the run's data contract; None where there is none.
        notes: What is to be known of it, one line each.
    """

    on: str = ""
    digest: str | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "part": None if self.on else "test",
            "on": self.on or None,
            "digest": self.digest,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Evaluation(Shown):
    """What a network does on a test set.

    Attributes:
        task: What it was trained for.
        samples: The number of samples.
        promised: The Lipschitz constant that its config promises.
        proved: The constant proved from its weights, by which margins become radii; infinite where none is.
        unit: What one unit of a radius is.
        accuracy: The share of samples that are right; None for regression.
        certified: For each radius the share that is right and stays so under every L2 perturbation smaller
            than it, in the semantics `real`; empty for regression, and where nothing is certified.
        average_radius: The mean certified radius, 0 where wrong; None for regression, and where nothing is
            certified.
        errors: Mean absolute and root mean squared error; empty for classification.
        r_squared: R² of the predictions; None for classification, and where a number to predict never changes.
        baseline: What a constant answer reaches on the same samples; None where the training part was not looked at.
        movements: For each radius how far an output can move at most; empty for classification.
        columns: Of a table how much the outputs change where one column changes alone; empty where nothing is
            certified.
        tolerance: How far the outputs move while columns stay within their tolerances; None where there are none.
        certified32: As `certified`, in the semantics `float32`.
        average_radius32: As `average_radius`, in the semantics `float32`.
        curve: Certified accuracies at evenly spaced radii.
        serving: What rounding does to the answers; None where its error is not known.
        classes: The same for each class.
        class_names: The names of the classes.
        confusion: For each class, a row, how many of its samples are given each class.
        calibration: What margins say about being right.
        distance: How far the two classes lie apart at least; None for several classes, and where nothing is proved.
        classifies: Whether the loss says where a class ends. `KR` alone does not: what is right is then by chance.
        attack: What attacks did; None where none was made, and for regression.
        movement_attack: How far attacks moved outputs; None where none was made, and for classification.
        voided_by: The soundness rules that the config silences. Where there is one nothing is certified.
        uncertified: Why nothing is certified where no rule is silenced; empty where something is.
        data: What was measured on.
    """

    task: Task
    samples: int
    promised: float
    proved: float
    unit: str
    accuracy: float | None = None
    certified: Points = ()
    average_radius: float | None = None
    errors: Mapping[str, float] = field(default_factory=dict)
    r_squared: float | None = None
    baseline: Baseline | None = None
    movements: Points = ()
    columns: tuple[ColumnSlope, ...] = ()
    tolerance: ToleranceEvaluation | None = None
    certified32: Points = ()
    average_radius32: float | None = None
    curve: Points = ()
    serving: Serving | None = None
    classes: tuple[ClassEvaluation, ...] = ()
    class_names: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    calibration: Calibration | None = None
    distance: ClassDistance | None = None
    classifies: bool = True
    attack: AttackSummary | None = None
    movement_attack: MovementAttack | None = None
    voided_by: tuple[str, ...] = ()
    uncertified: str = ""
    data: Measured = Measured()

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        value: dict[str, Any] = {
            "format": "lipbuild.evaluation",
            "version": VERSION,
            "task": self.task,
            "samples": self.samples,
            "lipschitz": {
                "promised": self.promised,
                "proved": self.proved if math.isfinite(self.proved) else None,
                "norm": "L2",
            },
            "radius_unit": self.unit,
            "data": self.data.as_json(),
        }
        if self.voided_by:
            value["void"] = {"silenced_rules": list(self.voided_by)}
        if self.uncertified:
            value["uncertified"] = self.uncertified
        if self.columns:
            value["columns"] = [column.as_json() for column in self.columns]
        if self.tolerance is not None:
            value["tolerance"] = self.tolerance.as_json()
        if self.task == "regression":
            value |= self.errors
            value["r_squared"] = self.r_squared
            value["baseline"] = self.baseline.as_json() if self.baseline is not None else None
            value["output_moves_at_most"] = [{"radius": r, "movement": m} for r, m in self.movements]
            value["attack"] = self.movement_attack.as_json() if self.movement_attack is not None else None
            return value
        value["accuracy"] = self.accuracy
        value["baseline"] = self.baseline.as_json() if self.baseline is not None else None
        value["certified_accuracy"] = _points(self.certified)
        value["average_certified_radius"] = self.average_radius
        value["semantics"] = {"stated": "real", "meanings": _MEANINGS}
        value["float32"] = {
            "certified_accuracy": _points(self.certified32),
            "average_certified_radius": self.average_radius32,
        }
        value["curve"] = _points(self.curve)
        value["serving"] = self.serving.as_json() if self.serving is not None else None
        value["classes"] = [part.as_json() for part in self.classes]
        value["confusion"] = {
            "classes": list(self.class_names),
            "counts": [list(row) for row in self.confusion],
        }
        value["calibration"] = self.calibration.as_json() if self.calibration is not None else None
        if self.task == "binary":
            value["distance"] = self.distance.as_json() if self.distance is not None else None
            value["classifies"] = self.classifies
        value["attack"] = self.attack.as_json() if self.attack is not None else None
        return value


def _points(pairs: Points) -> list[dict[str, float]]:
    return [{"radius": radius, "accuracy": accuracy} for radius, accuracy in pairs]
