"""The scale of the numbers to predict in which a network is trained, as a config says it."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.unknown_factor import UnknownFactor
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.layer import LayerSpec

STANDARD = "standard"
_LARGEST = 1e30
_KNOWN = "`standard`, a number above 0, or `{mean: …, deviation: …}`"


def _number(value: Any, *, positive: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= _LARGEST:
        raise ValueError(f"`target_scale` is {_KNOWN}")
    if positive and not value >= 1.0 / _LARGEST:
        raise ValueError(f"a target is divided by a number above 0, and this is {value:g}")
    return float(value)


def _checked(value: Any) -> Any:
    if value is None or value == STANDARD:
        return value
    if not isinstance(value, dict):
        return _number(value, positive=True)
    if set(value) != {"mean", "deviation"}:
        raise ValueError(f"`target_scale` is {_KNOWN}")
    ones = {key: one if isinstance(one, list) else [one] for key, one in value.items()}
    if len(ones["mean"]) != len(ones["deviation"]) or not ones["mean"]:
        raise ValueError("`mean` and `deviation` of `target_scale` have a number for each output")
    return {key: [_number(item, positive=key == "deviation") for item in one] for key, one in ones.items()}


_NUMBERS = {"type": ["number", "array"], "items": {"type": "number"}}
TargetScale = Annotated[
    Literal["standard"] | float | dict[str, list[float]] | None,
    BeforeValidator(_checked),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [STANDARD]},
                {"type": "number", "exclusiveMinimum": 0},
                {
                    "type": "object",
                    "properties": {
                        "mean": {**_NUMBERS, "description": "What is taken off first."},
                        "deviation": {**_NUMBERS, "description": "What the rest is divided by."},
                    },
                    "required": ["mean", "deviation"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


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
