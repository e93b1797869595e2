"""The JSON Schema of configs, for completion and checking in editors.

One `if name then arguments` for each layer, so that an editor has one precise message where a plain union
would have one for each member.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

from lipbuild.spec.choice import Choice
from lipbuild.spec.decode import section_class
from lipbuild.spec.layers import LAYERS
from lipbuild.spec.sections import ConfigSection, ModelSection
from lipbuild.spec.stack import BLOCKS
from lipbuild.spec.strict import Strict

_DRAFT = "http://json-schema.org/draft-07/schema#"
# A value that is read from elsewhere in the config can stand for any other.
_VARIABLE = {"type": "string", "pattern": r"\$\{[^{}]+\}"}


def config_schema() -> dict[str, Any]:
    """The schema, as a JSON value in draft 7, which every editor knows."""
    definitions: dict[str, Any] = {}
    root = _section(ConfigSection, definitions)
    model = _section(ModelSection, definitions)
    model["properties"]["layers"] = {**model["properties"]["layers"], **_ref("stack")}
    root["properties"]["model"] = {"description": "The network.", **model}
    root["required"] = ["model"]
    # What a parent config may bring need not be here.
    root["if"] = {"required": ["extends"]}
    root["then"] = {}
    root["else"] = {"required": root.pop("required")}
    root["properties"]["model"].pop("required", None)
    definitions["stack"] = {"type": "array", "items": _ref("layer"), "description": "Layers, in order."}
    definitions["layer"] = _choice_schema("layer", {**LAYERS, **BLOCKS}, definitions)
    for name in BLOCKS:
        arguments = definitions[f"layer.{name}"]["properties"]
        if "layers" in arguments:
            arguments["layers"] = {**arguments["layers"], **_ref("stack")}
        if "branches" in arguments:
            arguments["branches"] = {
                **arguments["branches"],
                "type": "array",
                "items": _ref("stack"),
                "minItems": 2,
            }
            arguments["merge"] = {**arguments["merge"], **_ref("layer")}
    return {
        "$schema": _DRAFT,
        "title": "lipbuild config",
        "description": "A 1-Lipschitz neural network: its layers, its data, its training.",
        **root,
        "definitions": dict(sorted(definitions.items())),
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def _section(cls: type[Strict], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a mapping with typed keys."""
    plain = cls.model_json_schema(mode="validation")
    inner = plain.get("$defs", {})
    properties: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        schema = _field(field, plain["properties"].get(name, {}), inner, definitions)
        if field.description:
            schema["description"] = field.description
        properties[name] = schema
    result: dict[str, Any] = {
        "type": "object",
        "description": (cls.__doc__ or "").strip(),
        "properties": properties,
        "additionalProperties": False,
    }
    required = [name for name, field in cls.model_fields.items() if field.is_required()]
    if required:
        result["required"] = required
    return result


def _field(
    field: FieldInfo, plain: dict[str, Any], inner: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    choice = next((m for m in field.metadata if isinstance(m, Choice)), None) or _nested_choice(field)
    if choice is not None:
        key = choice.what.replace(" ", "_")
        # A schedule may hold a schedule.
        if key not in definitions:
            definitions[key] = {}
            definitions[key] = _choice_schema(key, choice.classes, definitions)
        if choice.many:
            return {"type": "array", "items": _ref(key)}
        numbers = [s for s in plain.get("anyOf", []) if s.get("type") == "number"]
        return {"anyOf": [*numbers, _ref(key)]} if numbers else _ref(key)
    section = section_class(field)
    if section is not None:
        return _section(section, definitions)
    schema = {k: v for k, v in plain.items() if k not in ("title", "default")}
    schema = dict(_resolved(schema, inner))
    default = field.default
    if isinstance(default, (bool, int, float, str)):
        schema["default"] = default
    if schema.get("type") in ("integer", "number", "boolean"):
        described: dict[str, Any] = {k: schema.pop(k) for k in ("description", "default") if k in schema}
        return {"anyOf": [schema, _VARIABLE], **described}
    return schema


def _nested_choice(field: FieldInfo) -> Choice | None:
    """The choice in an annotation that is itself annotated (`LearningRate`)."""
    for metadata in getattr(field.annotation, "__metadata__", ()):
        if isinstance(metadata, Choice):
            return metadata
    return None


def _resolved(schema: Any, inner: dict[str, Any]) -> Any:
    """The schema with pydantic's own references written out."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _resolved(inner[schema["$ref"].rpartition("/")[2]], inner)
        return {k: _resolved(v, inner) for k, v in schema.items() if k != "title" or not isinstance(v, str)}
    if isinstance(schema, list):
        return [_resolved(item, inner) for item in schema]
    return schema


def _choice_schema(
    what: str, classes: Mapping[str, type[Strict]], definitions: dict[str, Any]
) -> dict[str, Any]:
    """A name, or a name with its arguments; each name's arguments have a definition of their own."""
    bare = [name for name, cls in classes.items() if not _needs_arguments(cls)]
    for name, cls in classes.items():
        definitions[f"{what}.{name}"] = _section(cls, definitions)
    return {
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"anyOf": [{"enum": bare}, _VARIABLE]},
        "else": {
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                name: {
                    "description": definitions[f"{what}.{name}"]["description"],
                    "anyOf": [_ref(f"{what}.{name}"), {"type": "null"}]
                    if name in bare
                    else [_ref(f"{what}.{name}")],
                }
                for name in classes
            },
        },
    }


def _needs_arguments(cls: type[Strict]) -> bool:
    return any(field.is_required() for field in cls.model_fields.values())
