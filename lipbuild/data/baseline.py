"""What a constant answer reaches, beside which a network's figures are to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.printable import printable

_CAUSES = (
    "a learning rate that is too great or too small, {scale}, features that are not scaled, or {labels} that do not "
    "depend on them"
)
_OF_CLASSES = {"scale": "a margin or temperature that does not fit the data's scale", "labels": "labels"}
_OF_NUMBERS = {
    "scale": "a constant (`model.lipschitz`) that is too small for the targets' scale",
    "labels": "targets",
}


@dataclass(frozen=True)
class Baseline:
    """What the best constant answer of the training part reaches on another part, and whether the network does better.

    Attributes:
        answer: The most frequent class of the training part by its name, or the median of each number to predict.
        accuracy: The share of the samples that it is right for; None for numbers.
        error: Its mean absolute error; None for classes.
        is_beaten: Whether the network is better by more than one standard error, or by half of what a constant answer
            gets wrong.
        reached: The network's accuracy, or its mean absolute error.
        r_squared: The network's R²; None for classes, and where an output has one value alone.
    """

    answer: str | tuple[float, ...]
    accuracy: float | None
    error: float | None
    is_beaten: bool
    reached: float
    r_squared: float | None = None

    @property
    def shown_answer(self) -> str:
        """The answer in words."""
        if isinstance(self.answer, str):
            return f"`{printable(self.answer)}`, the most frequent class of the training part"
        return (
            f"the median of the training part, {', '.join(f'{value:.6g}' for value in self.answer[:5])}"
            + (", …" if len(self.answer) > 5 else "")
        )

    @property
    def remark(self) -> str:
        """What to look at if the network is no better; nothing if it is better."""
        if self.is_beaten:
            return ""
        if self.accuracy == 1.0:
            return "all samples that it is measured on are of one class, which tells nothing of the network"
        causes = _CAUSES.format(**(_OF_CLASSES if self.error is None else _OF_NUMBERS))
        return f"the network is no better than a constant answer; the likely causes are {causes}"

    def as_json(self) -> dict[str, Any]:
        """As it is written to `evaluation.json`."""
        if self.error is None:
            return {"class": self.answer, "accuracy": self.accuracy, "is_beaten": self.is_beaten}
        return {"values": list(self.answer), "mean_absolute_error": self.error, "is_beaten": self.is_beaten}


def classifier_baseline(
    learnt: NDArray[np.generic], targets: NDArray[np.generic], names: Sequence[str], accuracy: float
) -> Baseline:
    """The most frequent class.

    Args:
        learnt: The class numbers of the training part.
        targets: Those of the part that is measured.
        names: The names of the classes.
        accuracy: What the network reaches on it.
    """
    number = int(np.bincount(learnt.astype(np.int64), minlength=len(names)).argmax())
    share = float((targets == number).mean())
    error = math.sqrt(share * (1.0 - share) / len(targets))
    is_beaten = accuracy - share > min(error, (1.0 - share) / 2.0)
    return Baseline(names[number], share, None, is_beaten, accuracy)


def regressor_baseline(
    learnt: NDArray[np.generic], targets: NDArray[np.generic], outputs: NDArray[np.floating[Any]]
) -> Baseline:
    """The median of each output.

    Args:
        learnt: The numbers to predict of the training part, (samples, outputs).
        targets: Those of the part that is measured.
        outputs: What the network predicts of it, of the same shape.
    """
    values = targets.astype(np.float64)
    median = np.median(learnt.astype(np.float64), axis=0)
    constant = np.abs(values - median).reshape(len(values), -1).mean(axis=1)
    own = np.abs(values - outputs).reshape(len(values), -1).mean(axis=1)
    gains = constant - own
    error = float(constant.mean())
    least = min(float(gains.std()) / math.sqrt(len(gains)), error / 2.0)
    answer = tuple(float(value) for value in np.atleast_1d(median))
    return Baseline(
        answer, None, error, bool(gains.mean() > least), float(own.mean()), r_squared(values, outputs)
    )


def r_squared(targets: NDArray[np.generic], outputs: NDArray[np.floating[Any]]) -> float | None:
    """R² = 1 − Σ(y − f)²/Σ(y − ȳ)², the mean over the outputs; None where an output has one value alone.

    Args:
        targets: The numbers y, (samples, outputs).
        outputs: The predictions f, of the same shape.
    """
    values = targets.astype(np.float64)
    spread = np.square(values - values.mean(axis=0)).sum(axis=0)
    if not (spread > 0).all():
        return None
    return float((1.0 - np.square(values - outputs).sum(axis=0) / spread).mean())
