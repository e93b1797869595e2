from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.evaluation.curve import shares
from lipbuild.evaluation.judged import Judged
from lipbuild.evaluation.sample_attack import SampleAttack


@dataclass(frozen=True)
class AttackSummary:
    """What attacks did to some of the test samples, beside what is certified about the same samples.

    Attributes:
        options: How hard they tried.
        samples: How many samples were looked at; those that are wrong anyway need no attack.
        found: For how many of the right ones another class was found.
        accuracies: For each radius the share of the samples that is right and certified, and that is right and
            that no smaller perturbation was found for. The second is never the smaller. None where nothing is
            certified.
        average_distance: The mean distance of what was found, None where nothing was.
        ratios: The least and the median of distance over certified radius, where both are positive and finite;
            None where nothing is certified or found.
    """

    options: AttackOptions
    samples: int
    found: int
    accuracies: tuple[tuple[float, float | None, float], ...]
    average_distance: float | None
    ratios: tuple[float, float] | None

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "methods": ["DeepFool, bisection, Carlini-Wagner; L2, untargeted, unconfined"],
            "samples": self.samples,
            "seed": self.options.seed,
            "steps": self.options.steps,
            "restarts": self.options.restarts,
            "found": self.found,
            "accuracy": [
                {"radius": radius, "certified": certified, "attacked": attacked}
                for radius, certified, attacked in self.accuracies
            ],
            "average_distance": self.average_distance,
            "distance_over_radius": (
                None if self.ratios is None else {"least": self.ratios[0], "median": self.ratios[1]}
            ),
        }


def summarize_attack(
    options: AttackOptions, attack: SampleAttack, judged: Judged, radii: Sequence[float]
) -> AttackSummary:
    """Sum up an attack.

    Args:
        options: How hard it tried.
        attack: What it found.
        judged: All the samples, with what is proved about each.
        radii: The radii of the accuracies, to which 0 is added.
    """
    right = judged.right[attack.samples]
    reached = None if judged.reached is None else judged.reached[attack.samples]
    distances = np.where(right, attack.found.distances, -1.0)
    found = right & np.isfinite(distances)
    radii = (0.0, *(radius for radius in radii if radius > 0.0))
    certified = shares(reached, radii) if reached is not None else (None,) * len(radii)
    ratios = None
    if reached is not None:
        both = found & (reached > 0.0) & (reached < np.finfo(np.float64).max)
        quotients = distances[both] / reached[both]
        ratios = (float(quotients.min()), float(np.median(quotients))) if both.any() else None
    return AttackSummary(
        options,
        len(right),
        int(found.sum()),
        tuple(zip(radii, certified, shares(distances, radii))),
        float(distances[found].mean()) if found.any() else None,
        ratios,
    )
