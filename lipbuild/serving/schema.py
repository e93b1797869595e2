"""What requests and answers look like, as JSON Schema for OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.serving.given_column import GivenColumn
from lipbuild.serving.request import LARGEST

Schema = dict[str, Any]

_TOLERANCE = "within_tolerance"


def request_schema(
    shape: tuple[int | None, ...], most: int, columns: Mapping[str, GivenColumn] | None = None
) -> Schema:
    """`{"inputs": [sample, …]}` with samples of a shape, or objects with a number for each column."""
    number: Schema = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
    item = number
    for size in reversed(shape):
        item = {"type": "array", "items": item}
        if size is not None:
            item |= {"minItems": size, "maxItems": size}
    if columns is not None:
        item = {
            "anyOf": [
                item,
                _object({name: _cell(column, number) for name, column in columns.items()}),
            ]
        }
    return {
        "type": "object",
        "properties": {"inputs": {"type": "array", "items": item, "minItems": 1, "maxItems": most}},
        "required": ["inputs"],
        "additionalProperties": False,
    }


def image_schema() -> Schema:
    """`{"b64": "…"}`, an encoded image in Base64."""
    return _object({"b64": {"type": "string", "contentEncoding": "base64"}})


def _cell(column: GivenColumn, number: Schema) -> Schema:
    """A number or a category, or null where that is filled."""
    if column.categories:
        return {"enum": [*column.categories, *([None] if column.fill is not None else [])]}
    return number if column.fill is None else {**number, "type": ["number", "null"]}


def is_guarded(metadata: Mapping[str, Any]) -> bool:
    """Whether labels are those of a guard, which may abstain."""
    return bool(metadata["radius"] and metadata["radius"]["semantics"] == "guarded")


def answer_schema(metadata: Mapping[str, Any]) -> Schema:
    """The predictions, and what their radii are about."""
    numbers: Schema = {"type": "array", "items": {"type": "number"}}
    nullable: Schema = {"type": ["string", "null"]}
    if "logits" not in metadata["outputs"]:
        properties: Schema = {
            name: {"type": "boolean" if name == "certified" else "array"} for name in metadata["outputs"]
        }
    else:
        properties = {
            "label": {"type": ["integer", "null"], "minimum": 0},
            "class": nullable,
            "margin": {"type": "number"},
            "radius": {"type": ["number", "null"], "minimum": 0},
            "logits": numbers,
            **({"abstained": {"type": "boolean"}} if is_guarded(metadata) else {}),
            **({_TOLERANCE: {"type": "boolean"}} if _TOLERANCE in metadata["outputs"] else {}),
        }
    return {
        "type": "object",
        "properties": {
            "predictions": {"type": "array", "items": _object(properties), "minItems": 1},
            "units": {"type": "string"},
            "semantics": nullable,
            "no_radius": nullable,
        },
        "required": ["predictions", "units", "semantics", "no_radius"],
        "additionalProperties": False,
    }


REASON: Schema = {
    "type": "object",
    "properties": {"reason": {"type": "string"}},
    "required": ["reason"],
    "additionalProperties": False,
}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
