"""The JSON Schema of configs, for completion and checking in editors.

What a name stands for is decided by the name, and what a value may be by what it is, with `if … then … else`: an
editor then has one precise message where a union would have one for each member.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from lipbuild.spec.choice import Choice
from lipbuild.spec.decode import choice_of, section_class
from lipbuild.spec.field import FieldInfo
from lipbuild.spec.layers import LAYERS
from lipbuild.spec.sections import ConfigSection, ModelSection
from lipbuild.spec.stack import BLOCKS
from lipbuild.spec.strict import Strict
from lipbuild.spec.validators import OneOf, WithJsonSchema

Schema = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
# A value that is read from elsewhere in the config can stand for any other.
_VARIABLE: Schema = {"type": "string", "pattern": r"^\$\{[^{}]+\}$"}
_TYPES = {int: "integer", float: "number", str: "string", bool: "boolean", NoneType: "null"}
_LIMITS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "pattern": "pattern",
}
_LENGTHS = {
    "string": {"min_length": "minLength", "max_length": "maxLength"},
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
}


def config_schema() -> Schema:
    """The schema, as a JSON value in draft 7, which every editor knows."""
    definitions: Schema = {}
    root = _section(ConfigSection, definitions)
    model = _section(ModelSection, definitions)
    model["properties"]["layers"] = {**model["properties"]["layers"], **_ref("stack")}
    # What a parent config may bring need not be here.
    model.pop("required", None)
    root["properties"]["model"] = model
    root["if"] = {"not": {"required": ["extends"]}}
    root["then"] = {"required": root.pop("required"), "properties": {"model": {"required": ["layers"]}}}
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


def _ref(name: str) -> Schema:
    # Beside a `$ref` draft 7 knows nothing else, so that a description needs `allOf` around it.
    return {"allOf": [{"$ref": f"#/definitions/{name}"}]}


def _section(cls: type[Strict], definitions: Schema) -> Schema:
    """The schema of a mapping with typed keys."""
    properties: Schema = {}
    for name, field in cls.model_fields.items():
        schema = _field(field, definitions)
        if field.description:
            schema["description"] = field.description
        default = field.get_default() if not field.is_required() else None
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


def _field(field: FieldInfo, definitions: Schema) -> Schema:
    choice = choice_of(field)
    if choice is not None:
        return _choice(choice, field, definitions)
    section = section_class(field)
    if section is not None:
        return _section(section, definitions)
    return _limited(_annotated(field.annotation, field.metadata), field)


def _choice(choice: Choice, field: FieldInfo, definitions: Schema) -> Schema:
    key = choice.what.replace(" ", "_")
    if key not in definitions:
        definitions[key] = {}
        definitions[key] = _choice_schema(key, choice.classes, definitions)
    if choice.many:
        return {"type": "array", "items": _ref(key)}
    numbers = [
        kind for kind in get_args(field.annotation) if section_like(kind) is None and kind is not NoneType
    ]
    if not numbers:
        return _ref(key)
    return {"if": {"type": ["string", "object"]}, "then": _ref(key), "else": schema_of(numbers[0])}


def section_like(kind: Any) -> type[Strict] | None:
    """The kind itself where it is a class of sections."""
    return kind if isinstance(kind, type) and issubclass(kind, Strict) else None


def schema_of(annotation: Any) -> Schema:
    """The schema of a type; see `convert` for the types that a config can hold."""
    if annotation is Any:
        return {}
    if annotation in _TYPES:
        return _variable({"type": _TYPES[annotation]})
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin is Literal:
        return _names(arguments)
    if origin is Union or origin is UnionType:
        return _union([kind for kind in arguments if kind is not NoneType], NoneType in arguments)
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is tuple and arguments[1:] == (...,):
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is tuple:
        items = [schema_of(kind) for kind in arguments]
        return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
    return {"type": "object"}


def _annotated(kind: Any, extras: tuple[Any, ...]) -> Schema:
    schema = schema_of(kind)
    for extra in extras:
        if isinstance(extra, WithJsonSchema):
            schema = {"if": {"type": "string"}, "then": _VARIABLE, "else": extra.schema}
        elif isinstance(extra, OneOf):
            schema = _names(tuple(extra.names))
        elif isinstance(extra, FieldInfo):
            schema = _limited(schema, extra)
    return schema


def _names(names: tuple[Any, ...]) -> Schema:
    if not all(isinstance(name, str) for name in names):
        return {"enum": list(names)}
    return {"type": "string", "if": {"pattern": r"^\$\{"}, "then": _VARIABLE, "else": {"enum": list(names)}}


def _variable(schema: Schema) -> Schema:
    """The schema, or a reference to a value of it."""
    if schema["type"] in ("string", "null"):
        return schema
    return {"if": {"type": "string"}, "then": _VARIABLE, "else": schema}


def _union(kinds: list[Any], optional: bool) -> Schema:
    schema = schema_of(kinds[0]) if len(kinds) == 1 else {"anyOf": [schema_of(kind) for kind in kinds]}
    return {"if": {"type": "null"}, "else": schema} if optional else schema


def _limited(schema: Schema, field: FieldInfo) -> Schema:
    """The schema with the limits of a key, in the branch that they belong to."""
    if not field.limits:
        return schema
    if "else" in schema:
        return {**schema, "else": _limited(schema["else"], field)}
    lengths = _LENGTHS.get(schema.get("type", ""), {})
    added = {(_LIMITS | lengths)[name]: bound for name, bound in field.limits.items()}
    return {**schema, **added}


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
