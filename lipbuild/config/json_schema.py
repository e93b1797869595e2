"""The JSON Schema of configs, for completion and checking in editors.

What a name stands for is decided by the name, and what a value may be by what it is, with `if … then … else`: an
editor then has one precise message where a union would have one for each member.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.decode import choice_of, section_class
from lipbuild.config.sections import ConfigSection, ModelSection
from lipbuild.config.sweep.range import Range
from lipbuild.fields.choice import Choice
from lipbuild.fields.strict import Strict
from lipbuild.network.specs import LAYERS

Schema = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
# A value that is read from elsewhere in the config can stand for any other.
_VARIABLE: Schema = {"type": "string", "pattern": r"^\$\{[^{}]+\}$"}


def config_schema() -> Schema:
    """The schema, as a JSON value in draft 7, which every editor knows."""
    definitions: Schema = {}
    root = _section(ConfigSection, definitions)
    model = _section(ModelSection, definitions)
    model["properties"]["layers"] = {**model["properties"]["layers"], **_ref("stack")}
    root["properties"]["model"] = model
    # What a parent config may bring need not be here.
    root["if"] = {"not": {"required": ["extends"]}}
    root["then"] = {
        "required": root.pop("required"),
        "properties": {
            name: {"required": section.pop("required")}
            for name, section in root["properties"].items()
            if "required" in section
        },
    }
    space = root["properties"]["sweep"]["properties"]["space"]
    space |= {"type": "object", "minProperties": 1, "additionalProperties": _varied(definitions)}
    definitions["stack"] = {"type": "array", "items": _ref("layer"), "minItems": 1}
    definitions["branch"] = {"type": "array", "items": _ref("layer")}
    definitions["layer"] = _choice_schema("layer", {**LAYERS, **BLOCKS}, definitions)
    for name in BLOCKS:
        arguments = definitions[f"layer.{name}"]["properties"]
        if "layers" in arguments:
            arguments["layers"] = {**arguments["layers"], **_ref("stack")}
        if "branches" in arguments:
            branches = {"type": "array", "items": _ref("branch"), "minItems": 2}
            arguments["branches"] = {**arguments["branches"], **branches}
            arguments["merge"] = {**arguments["merge"], **_ref("layer")}
    return {
        "$schema": _DRAFT,
        "title": "lipbuild config",
        "description": "A 1-Lipschitz neural network: its layers, its data, its training.",
        **{key: value for key, value in root.items() if key != "description"},
        "definitions": dict(sorted(definitions.items())),
    }


def _varied(definitions: Schema) -> Schema:
    """What a key of a sweep's space takes: choices, or a range."""
    choices = {"type": "array", "minItems": 1, "uniqueItems": True}
    return {
        "type": ["array", "object"],
        "if": {"type": "array"},
        "then": choices,
        "else": _section(Range, definitions),
    }


def _ref(name: str) -> Schema:
    # Beside a `$ref` draft 7 knows nothing else, so that a description needs `allOf` around it.
    return {"allOf": [{"$ref": f"#/definitions/{name}"}]}


def _section(cls: type[Strict], definitions: Schema) -> Schema:
    """The schema of a mapping with typed keys."""
    properties: Schema = {}
    plain = cls.model_json_schema()["properties"] if cls.model_fields else {}
    for name, field in cls.model_fields.items():
        schema = _field(field, plain[name], definitions)
        if field.description:
            schema["description"] = field.description
        default = field.get_default(call_default_factory=True) if not field.is_required() else None
        if _is_json(default):
            schema["default"] = default
        properties[name] = schema
    result: Schema = {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": properties,
        "additionalProperties": False,
    }
    required = [name for name, field in cls.model_fields.items() if field.is_required()]
    if required:
        result["required"] = required
    return result


def _is_json(default: Any) -> bool:
    if isinstance(default, list):
        return all(map(_is_json, default))
    return isinstance(default, (bool, int, float, str))


def _field(field: FieldInfo, plain: Schema, definitions: Schema) -> Schema:
    """The schema of a key; `plain` is what pydantic makes of its type."""
    choice = choice_of(field)
    if choice is not None:
        return _choice(choice, plain, definitions)
    section = section_class(field)
    if section is not None:
        return _section(section, definitions)
    return _decided(
        {key: value for key, value in plain.items() if key not in ("title", "default", "description")}
    )


def _choice(choice: Choice, plain: Schema, definitions: Schema) -> Schema:
    key = choice.what.replace(" ", "_")
    if key not in definitions:
        definitions[key] = {}
        definitions[key] = _choice_schema(key, choice.classes, definitions)
    if choice.many:
        return {"type": "array", "items": _ref(key)}
    numbers = [schema for schema in plain.get("anyOf", []) if schema.get("type") in ("number", "integer")]
    if not numbers:
        return _ref(key)
    schema = {"if": {"type": ["string", "object"]}, "then": _ref(key), "else": _decided(numbers[0])}
    empty = any(other.get("type") == "null" for other in plain["anyOf"])
    return {"if": {"type": "null"}, "else": schema} if empty else schema


def _decided(schema: Schema) -> Schema:
    """A schema of pydantic's in which what a value may be is decided by what it is."""
    if "anyOf" in schema:
        return _union(schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return _names(schema.get("enum") or [schema["const"]])
    if "prefixItems" in schema:
        items = [_decided(item) for item in schema["prefixItems"]]
        return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
    if "items" in schema:
        return {**schema, "items": _decided(schema["items"])}
    return schema if schema.get("type", "string") in ("string", "null", "object") else _or_variable(schema)


def _union(schemas: list[Schema]) -> Schema:
    others = [schema for schema in schemas if schema.get("type") != "null"]
    texts = any("type" not in schema or schema["type"] == "string" for schema in others)
    if len(others) == 1:
        schema = _decided(others[0])
    elif texts:
        schema = {"anyOf": [*others, _VARIABLE]}
    else:
        schema = _or_variable({"anyOf": others})
    return {"if": {"type": "null"}, "else": schema} if len(others) < len(schemas) else schema


def _names(names: list[Any]) -> Schema:
    if not all(isinstance(name, str) for name in names):
        return {"enum": names}
    return {"type": "string", "if": {"pattern": r"^\$\{"}, "then": _VARIABLE, "else": {"enum": names}}


def _or_variable(schema: Schema) -> Schema:
    """The schema, or a reference to a value of it."""
    return {"if": {"type": "string"}, "then": _VARIABLE, "else": schema}


def _choice_schema(what: str, classes: Mapping[str, type[Strict]], definitions: Schema) -> Schema:
    """A name, or a name with its arguments; each name's arguments have a definition of their own."""
    bare = [name for name, cls in classes.items() if not _needed(cls)]
    for name, cls in classes.items():
        arguments = _section(cls, definitions)
        if name in bare:
            arguments["type"] = ["object", "null"]
        definitions[f"{what}.{name}"] = arguments
    return {
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"if": {"pattern": r"^\$\{"}, "then": _VARIABLE, "else": {"enum": bare}},
        "else": {
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                name: {**_ref(f"{what}.{name}"), "description": definitions[f"{what}.{name}"]["description"]}
                for name in classes
            },
        },
        "defaultSnippets": [_snippet(name, cls) for name, cls in classes.items()],
    }


def _snippet(name: str, cls: type[Strict]) -> Schema:
    """What an editor writes for a name: the arguments that it needs are left to fill in."""
    needed = _needed(cls)
    body: Any = {name: {key: f"${index}" for index, key in enumerate(needed, 1)}} if needed else name
    return {"label": name, "description": " ".join((cls.__doc__ or "").split()), "body": body}


def _needed(cls: type[Strict]) -> list[str]:
    return [name for name, field in cls.model_fields.items() if field.is_required()]
