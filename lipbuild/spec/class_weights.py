"""What the samples of a class count, as a config says it."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema


def _class_weights(value: Any) -> Any:
    """`balanced`, or weights by the names of classes."""
    if value is None or value == "balanced":
        return value
    if not isinstance(value, dict) or not value:
        raise ValueError("`class_weights` is `balanced`, or a mapping of the classes' names to their weights")
    for name, weight in value.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < math.inf:
            raise ValueError(
                f"the weight of the class `{name}` is a number of at least 0, and this is `{weight}`"
            )
    return value


ClassWeights = Annotated[
    str | dict[str, Any] | None,
    BeforeValidator(_class_weights),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "balanced"},
                {
                    "type": "object",
                    "additionalProperties": {"type": "number", "minimum": 0},
                    "minProperties": 1,
                },
            ]
        }
    ),
]
