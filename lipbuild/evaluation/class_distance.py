from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.rounding import down, up

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ClassDistance:
    """How far the samples of two classes lie apart, as their Wasserstein-1 distance over the L2 norm.

    Attributes:
        positive: The class whose output is to be large.
        negative: The other one.
        difference: E₊f − E₋f: the mean output of the one less that of the other.
        at_least: A lower bound of W₁ = sup (E₊g − E₋g) over all 1-Lipschitz g (Kantorovich and Rubinstein), for f/L
            is one of these.
    """

    positive: str
    negative: str
    difference: float
    at_least: float

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        return {
            "positive": self.positive,
            "negative": self.negative,
            "mean_difference": self.difference,
            "wasserstein_1_at_least": self.at_least,
        }


def class_distance(
    logits: BoundedLogits, targets: NDArray[np.generic], names: tuple[str, ...], lipschitz: float
) -> ClassDistance | None:
    """How far the samples of two classes lie apart at least.

    Args:
        logits: Their outputs, one a sample.
        targets: (samples,), their class numbers, 0 or 1.
        names: The names of the classes.
        lipschitz: An upper bound of the constant of the output, as it is proved.

    Returns:
        The distance; None where a class has no sample, or the constant or a rounding error is not known.
    """
    values, error = logits.values[:, 0], logits.error64
    positive = targets.astype(np.int64) == 1
    if positive.all() or not positive.any() or not np.isfinite(error).all():
        return None
    if not 0.0 < lipschitz < math.inf:
        return None
    # Each operation is rounded correctly, a sum as a whole, and then takes one step outwards.
    try:
        difference = _mean(values[positive]) - _mean(values[~positive])
        lowest = _mean(down(values - error)[positive], -math.inf)
        highest = _mean(up(values + error)[~positive], math.inf)
    except OverflowError:
        return None
    below = math.nextafter(math.nextafter(lowest - highest, -math.inf) / lipschitz, -math.inf)
    return ClassDistance(names[1], names[0], difference, max(0.0, below))


def _mean(values: Array, towards: float = math.nan) -> float:
    """The mean; on the way to `towards`, where that is a number, it is never on the other side of the exact one."""
    if math.isnan(towards):
        return math.fsum(values) / len(values)
    return math.nextafter(math.nextafter(math.fsum(values), towards) / len(values), towards)
