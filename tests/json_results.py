"""Results for programs, held against their schemas."""

import json
from typing import Any

import jsonschema

from lipbuild.outputs import output_class


def validated(command: str, text: str) -> Any:
    """A result that is what its schema says; the schemas allow no other keys."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    value = json.loads(text, parse_constant=refuse)
    schema = output_class(command).model_json_schema()
    jsonschema.Draft202012Validator(schema).validate(value)
    return value
