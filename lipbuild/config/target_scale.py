"""The scale of the numbers to predict in which a network is trained, as a config says it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

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
