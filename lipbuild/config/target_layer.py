"""The last layer of a network that is trained on scaled targets."""

from __future__ import annotations

import math
from typing import Any

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.unknown_factor import UnknownFactor
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.layer import LayerSpec


class TargetAffine(Affine):
    """z·deviation + mean, from what a network is trained for to the target's own units: constant max deviation.

    It is computed in float32 whatever the training's steps are computed in.
    """

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them."""
        return {**super().arguments(), "dtype": "float32"}


def target_layer(scale: str | float | dict[str, list[float]], shape: Shape) -> LayerSpec:
    """The last layer of a network that is trained on scaled targets.

    Args:
        scale: What the config says. Deviations that are still to be taken from the training part count as 1.
        shape: The shape of the network's output.

    Raises:
        ShapeError: There are neither as many numbers as outputs nor a single one.
    """
    if isinstance(scale, str):
        return UnknownFactor(at_most=1.0)
    if isinstance(scale, float):
        return TargetAffine(factors=(scale,), offsets=(0.0,))
    count = len(scale["mean"])
    if len(shape) != 1 or count not in (1, shape[0]):
        raise ShapeError(
            f"`target_scale` has {count} numbers, and the network has {math.prod(size or 0 for size in shape)} outputs",
            help="write as many, or `standard`",
        )
    return TargetAffine(factors=tuple(scale["deviation"]), offsets=tuple(scale["mean"]))
