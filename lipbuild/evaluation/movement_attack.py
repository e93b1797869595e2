from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.plain import in_float64
from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.rounding import up
from lipbuild.errors import RefusedError
from lipbuild.evaluation.attack.largest_movement import largest_movement
from lipbuild.evaluation.attack.objective import Objective, signed_output
from lipbuild.evaluation.attack.options import AttackOptions


@dataclass(frozen=True)
class MovementAttack:
    """How far attacks moved the outputs of a regression.

    Attributes:
        options: How hard they tried.
        samples: How many samples were attacked.
        movements: For each radius the largest |Δf| that was found.
    """

    options: AttackOptions
    samples: int
    movements: tuple[tuple[float, float], ...]

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "methods": ["gradient ascent on a sphere around the sample; L2, unconfined"],
            "samples": self.samples,
            "seed": self.options.seed,
            "output_moved": [{"radius": r, "movement": m} for r, m in self.movements],
        }


def attack_movement(
    model: keras.Model,
    x: NDArray[np.generic],
    logits: BoundedLogits,
    lipschitz: float | None,
    radii: Sequence[float],
    options: AttackOptions,
) -> MovementAttack:
    """Move the outputs of some samples as far as can be found, and hold that against L·‖Δx‖.

    Args:
        model: The plain model, in float32.
        x: (samples, *shape).
        logits: The outputs of the samples, with the errors of rounding.
        lipschitz: L; None where nothing is certified.
        radii: How far the inputs may move.
        options: How many samples.

    Raises:
        RefusedError: An output moves further: the constant is wrong.
    """
    drawn = np.random.default_rng(options.seed).permutation(len(x))[: options.samples]
    samples = np.sort(drawn)
    inputs = np.asarray(x[samples], np.float64)
    search, exact = (Objective(m, signed_output) for m in (model, in_float64(model)))
    # That of two computed outputs, each moved by rounding; twice what it is at the sample.
    room = 4.0 * np.where(np.isfinite(logits.error64[samples]), logits.error64[samples], 0.0)
    found = []
    for radius in radii:
        movement, distance = largest_movement(search, exact, inputs, logits.values.shape[1], radius)
        if lipschitz is not None:
            beyond = movement > up(up(lipschitz * distance) + room)
            if beyond.any():
                i = int(np.argmax(beyond))
                raise RefusedError(
                    f"an output of test sample {samples[i]} moves by {movement[i]:.9g} while its input moves by "
                    f"{distance[i]:.9g}, and the constant {lipschitz:.9g} is certified: nothing about this "
                    "network may be believed",
                    "report it with the run folder, this is a fault in lipbuild",
                )
        found.append((radius, float(np.max(movement, initial=0.0))))
    return MovementAttack(options, len(samples), tuple(found))
