"""What the samples of a class count, as a config says it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

_Weight = Annotated[float, Field(ge=0)]


def _either(value: Any) -> Any:
    """`balanced`, or weights by the names of classes."""
    if value is None or value == "balanced" or (isinstance(value, dict) and value):
        return value
    raise ValueError("`class_weights` is `balanced`, or a mapping of the classes' names to their weights")


ClassWeights = Annotated[
    dict[str, _Weight] | Literal["balanced"] | None,
    BeforeValidator(_either),
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
