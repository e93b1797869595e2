from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.plain import in_float64
from lipbuild.errors import RefusedError
from lipbuild.evaluation.attack.attacked import Attacked
from lipbuild.evaluation.attack.minimal_norm import minimal_norm_attack
from lipbuild.evaluation.attack.objective import Objective
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.evaluation.judged import Judged
from lipbuild.training.files import write_whole

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SampleAttack:
    """An attack on some of the samples of a test set.

    Attributes:
        samples: (attacked,), the numbers of the samples.
        x: (attacked, *shape), float64, their inputs.
        found: What was found for each; nothing for those that are wrong anyway.
    """

    samples: NDArray[np.int64]
    x: Array
    found: Attacked

    def write(self, path: Path, judged: Judged) -> None:
        """Write the inputs, what was found and what is certified as a NumPy archive."""
        arrays = {
            "sample": self.samples,
            "x": self.x,
            "label": judged.targets[self.samples],
            "adversarial": self.found.adversarial,
            "adversarial_label": self.found.labels,
            "distance": self.found.distances,
        }
        if judged.radii is not None:
            arrays["radius"] = judged.radii[self.samples]

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)

        write_whole(path, write)


def attack_samples(
    model: keras.Model, judged: Judged, x: NDArray[np.generic], options: AttackOptions
) -> SampleAttack:
    """Attack some of the samples of a test set, drawn with the seed of the options.

    Args:
        model: The plain model, in float32.
        judged: All the samples.
        x: (samples, *shape), their inputs.
        options: How many, and how hard.
    """
    drawn = np.random.default_rng(options.seed).permutation(len(x))[: options.samples]
    samples = np.sort(drawn).astype(np.int64)
    inputs = np.asarray(x[samples], np.float64)
    right = judged.right[samples]
    rows = samples[right]
    found = Attacked.none(inputs)
    if len(rows):
        exact = Objective(in_float64(model))
        labels = judged.targets[rows]
        # Twice: the rounding error at the perturbed input is of the size of that at the sample.
        tolerance = 4.0 * np.where(np.isfinite(judged.logits.error64[rows]), judged.logits.error64[rows], 0.0)
        nearest = minimal_norm_attack(
            Objective(model),
            exact,
            inputs[right],
            labels,
            judged.logits.values[rows],
            options,
            tolerance=tolerance,
        )
        found.adversarial[right] = nearest.adversarial
        found.labels[right] = nearest.labels
        found.distances[right] = nearest.distances
    return SampleAttack(samples, inputs, found)


def check_attack(attack: SampleAttack, judged: Judged, path: Path) -> None:
    """Let an attack through that found nothing inside a certified radius.

    Args:
        attack: The attack.
        judged: What is certified.
        path: Where the samples are saved for which it did.

    Raises:
        RefusedError: It found something: the certificate is wrong.
    """
    if judged.radii is None:
        return
    radii = judged.radii[attack.samples]
    inside = judged.right[attack.samples] & (attack.found.distances < radii)
    if not inside.any():
        return
    rows = np.flatnonzero(inside)
    SampleAttack(
        attack.samples[rows],
        attack.x[rows],
        Attacked(attack.found.adversarial[rows], attack.found.labels[rows], attack.found.distances[rows]),
    ).write(path, judged)
    worst = rows[int(np.argmin(attack.found.distances[rows] / radii[rows]))]
    more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    raise RefusedError(
        f"test sample {attack.samples[worst]} is certified to the radius {radii[worst]:.9g}, and an attack at the "
        f"distance {attack.found.distances[worst]:.9g} changes its class{more}: nothing about this network may "
        f"be believed",
        f"the samples and the attacks are in {path}; report them, this is a fault in lipbuild",
    )
