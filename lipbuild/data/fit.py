"""What a preprocessing takes from the training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.preprocessing import PreprocessSpec
from lipbuild.config.preprocessing.centering import Centering
from lipbuild.config.preprocessing.common import Axis
from lipbuild.config.preprocessing.normalization import Normalization
from lipbuild.data.features import Features
from lipbuild.data.forward import forward
from lipbuild.errors import RefusedError
from lipbuild.network.specs import LayerSpec

# Statistics are gathered over this many values at a time.
_VALUES = 4_000_000


@dataclass(frozen=True)
class Moments:
    """Mean and variance of a data set.

    Attributes:
        mean: For each value of the last axis, or a single one, float64.
        variance: The mean squared deviation from it.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def fit(
    steps: Sequence[PreprocessSpec], features: Features, indices: NDArray[np.int64]
) -> list[PreprocessSpec]:
    """The steps with what was left to the training data filled in.

    Args:
        steps: The steps, in their order. Each is fitted to what those before it make.
        features: The inputs of the whole data set.
        indices: The samples of the training part: nothing is learnt from any other.
    """
    fitted: list[PreprocessSpec] = []
    layers: list[LayerSpec] = []
    shape = features.shape
    for step in steps:
        if not step.is_fitted:
            assert isinstance(step, (Centering, Normalization))
            moments = moments_of(features, indices, layers, step.axis)
            update: dict[str, object] = {"mean": moments.mean.tolist()}
            if isinstance(step, Normalization):
                update["variance"] = moments.variance.tolist()
            step = step.model_copy(update=update)
        fitted.append(step)
        for layer in step.unfold(shape):
            layers.append(layer)
            shape = tuple(size or 0 for size in layer.output_shape(shape))
    return fitted


def standard_scale(targets: NDArray[np.generic]) -> dict[str, list[float]]:
    """Mean and standard deviation of each number to predict.

    Args:
        targets: Those of the training part, (samples, outputs).

    Raises:
        RefusedError: One has the same value everywhere.
    """
    values = targets.astype(np.float64).reshape(len(targets), -1)
    deviations = values.std(axis=0)
    flat = np.flatnonzero(deviations <= 1e-30)
    if len(flat):
        which = f" {flat[0] + 1}" if len(deviations) > 1 else ""
        raise RefusedError(
            f"`target_scale: standard` divides by the deviation of the targets, and that of target{which} is "
            f"{deviations[flat[0]]:g} in the training part",
            "if all samples have the same value, there is nothing to learn: predict another target; a target with "
            "tiny values needs a smaller unit",
        )
    return {"mean": values.mean(axis=0).tolist(), "deviation": deviations.tolist()}


def moments_of(
    features: Features, indices: NDArray[np.int64], layers: Sequence[LayerSpec], axis: Axis
) -> Moments:
    """Mean and variance after some layers, in one pass: those of the chunks are joined.

    Args:
        features: The inputs of the whole data set.
        indices: The samples that count.
        layers: What is done to them first.
        axis: -1 for each value of the last axis by itself, None for all values together.
    """
    chunk = max(1, _VALUES // max(1, int(np.prod(features.shape))))
    count = 0
    mean: NDArray[np.float64] = np.zeros(1)
    squares: NDArray[np.float64] = np.zeros(1)
    for start in range(0, len(indices), chunk):
        x = forward(layers, features.take(indices[start : start + chunk])).astype(np.float64)
        values = x.reshape(-1, x.shape[-1] if axis == -1 else 1)
        own = values.mean(axis=0)
        moved = own - mean
        total = count + len(values)
        squares = squares + ((values - own) ** 2).sum(axis=0) + moved**2 * (count * len(values) / total)
        mean = mean + moved * (len(values) / total)
        count = total
    return Moments(mean, squares / count)
