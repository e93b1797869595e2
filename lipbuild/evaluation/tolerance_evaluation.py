"""What is stated while columns of a table stay within their tolerances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.stated_tolerance import ToleranceBounds
from lipbuild.network.rounding import decimal_up as up


@dataclass(frozen=True)
class ToleranceEvaluation:
    """How far the outputs move while some columns stay within their tolerances.

    Attributes:
        tolerances: By how much each column may be off.
        held: The columns that are held fixed.
        box: How far each output moves at most while each of the columns does by at most its tolerance.
        ellipsoid: How far all outputs together move at most (L2) while ‖(x − x₀)/t‖₂ ≤ 1.
        accuracy: The share of samples that are right and whose class cannot change in the box; None for a regression.
    """

    tolerances: Mapping[str, float]
    held: tuple[str, ...]
    box: tuple[float, ...]
    ellipsoid: float
    accuracy: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "columns": dict(self.tolerances),
            "held_fixed": list(self.held),
            "output_moves_at_most": {"box": list(self.box), "ellipsoid": self.ellipsoid},
            **({"certified_accuracy": self.accuracy} if self.accuracy is not None else {}),
        }

    def lines(self) -> list[str]:
        """As text."""
        within = ", ".join(f"{name} ± {size:g}" for name, size in self.tolerances.items())
        held = f", while {', '.join(self.held)} are held fixed" if self.held else ""
        moves = ", ".join(up(bound) for bound in self.box)
        lines = [
            f"within {within}{held}:",
            f"  an output moves by at most {moves}",
            f"  in the ellipsoid ‖(x − x₀)/t‖ ≤ r all outputs move by at most {up(self.ellipsoid)}·r",
        ]
        if self.accuracy is not None:
            lines.append(f"  {self.accuracy:.2%} of the samples are right, and their class cannot change")
        return lines


def evaluate_tolerance(
    bounds: ToleranceBounds, held: tuple[str, ...], samples: tuple[BoundedLogits, ArrayLike] | None
) -> ToleranceEvaluation:
    """What is proved, and of how many samples that decides the class.

    Args:
        bounds: What is proved.
        held: The columns that are held fixed.
        samples: The logits of samples and their classes; None for a regression.
    """
    accuracy = None
    if samples is not None:
        logits, classes = samples
        right = logits.labels == np.asarray(classes).reshape(-1)
        accuracy = float(np.mean(right & bounds.keeps_class(logits)))
    tolerances = {one.column: one.size for one in bounds.tolerances}
    return ToleranceEvaluation(tolerances, held, tuple(bounds.box.tolist()), bounds.ellipsoid, accuracy)
