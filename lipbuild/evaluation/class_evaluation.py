from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.evaluation.curve import shares

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ClassEvaluation:
    """What a network does on the samples of one class.

    Attributes:
        name: The class.
        samples: How many samples it has.
        accuracy: The share that is right; None without samples.
        certified: For each radius the share that is right and stays so; empty where nothing is certified.
        average_radius: The mean certified radius, 0 where wrong; None where nothing is certified.
        towards: For each class the mean radius within which a right sample cannot become it; None at the class
            itself, at one that nothing can become, and without right samples. Empty for a single logit, and
            where nothing is certified.
    """

    name: str
    samples: int
    accuracy: float | None
    certified: tuple[tuple[float, float], ...]
    average_radius: float | None
    towards: tuple[float | None, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "name": self.name,
            "samples": self.samples,
            "accuracy": self.accuracy,
            "certified_accuracy": [{"radius": r, "accuracy": a} for r, a in self.certified],
            "average_certified_radius": self.average_radius,
            "average_targeted_radii": list(self.towards),
        }


def evaluate_classes(
    names: Sequence[str],
    targets: NDArray[np.int64],
    right: NDArray[np.bool_],
    reached: Array | None,
    targeted: Array | None,
    radii: Sequence[float],
) -> tuple[ClassEvaluation, ...]:
    """The evaluation of each class.

    Args:
        names: The names of the classes.
        targets: (samples,), class numbers.
        right: (samples,), whether each is right.
        reached: (samples,), the certified radii, negative where wrong; None where nothing is certified.
        targeted: (samples, classes), the targeted radii; None for a single logit.
        radii: The radii of the certified accuracies.
    """
    result = []
    for number, name in enumerate(names):
        own = targets == number
        count = int(own.sum())
        known = reached is not None and count > 0
        result.append(
            ClassEvaluation(
                name,
                count,
                float(right[own].mean()) if count else None,
                tuple(zip(radii, shares(reached[own], radii))) if known and reached is not None else (),
                float(np.maximum(reached[own], 0.0).mean()) if known and reached is not None else None,
                _towards(targeted[own & right]) if targeted is not None else (),
            )
        )
    return tuple(result)


def _towards(targeted: Array) -> tuple[float | None, ...]:
    classes = int(targeted.shape[1])
    if not len(targeted):
        return (None,) * classes
    # What nothing can become, and the class itself, are infinitely far, which JSON has no number for.
    reachable = np.asarray(np.isfinite(targeted).all(axis=0), np.bool_)
    means = np.where(reachable, targeted, 0.0).mean(axis=0)
    return tuple(float(mean) if known else None for mean, known in zip(means, reachable))
