"""What pydantic finds wrong with the values of a section, as a message for a config needs it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from lipbuild.fields.misfit import MISFIT
from lipbuild.fields.strict import Strict

Location = tuple[str | int, ...]

_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "is_instance_of": "a mapping",
    "none_required": "nothing",
}
_COMPARISONS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_LENGTHS = {
    "too_short": "item",
    "too_long": "item",
    "string_too_short": "character",
    "string_too_long": "character",
}


class Invalid(NamedTuple):
    """One thing wrong with the values of a section.

    Attributes:
        loc: The key, and the way to the value inside it (`("radii", 2)`).
        code: What is wrong: `missing`, `extra`, `type`, `infinite`, `range`, `length`, `choice`, `pattern`, `value`,
            or `misfit` of several keys together.
        message: In words that follow the name of a key: "must be greater than 0".
        details: What a message for a config needs besides: what is `wanted`, the `names` and `what` they are of,
            the other `places` that a value does not fit, the `help`, whether one of the keys is `redundant`.
    """

    loc: Location
    code: str
    message: str
    details: Mapping[str, Any] = {}


def invalid(error: ValidationError, values: Mapping[str, Any]) -> list[Invalid]:
    """Everything that is wrong with the values of a section, each place once.

    Args:
        error: Pydantic's error.
        values: The values.
    """
    found: dict[Location, Invalid] = {}
    for item in error.errors(include_url=False):
        loc = _way(item["loc"], values)
        if item["type"] == MISFIT:
            loc, *_ = item["ctx"]["places"]
        # A union tells of each of its types: of those that fail at one place the first has the plainest words,
        found.setdefault(loc, Invalid(loc, *_said(item)))
    # and one that fails further inside is what was meant.
    inner = {loc[:depth] for loc in found for depth in range(1, len(loc))}
    return [item for loc, item in found.items() if loc not in inner]


def is_valid(cls: type[Strict], name: str, value: object) -> bool:
    """Whether a key of a section may have a value."""
    return not list(wrong_with(cls, name, value))


def wrong_with(cls: type[Strict], name: str, value: object) -> Iterator[Invalid]:
    """What is wrong with the value of one key, whatever the others have."""
    values = {name: value}
    try:
        cls.model_validate(values)
    except ValidationError as error:
        found = invalid(error, values)
        yield from (item for item in found if item.loc[:1] == (name,) and item.code != MISFIT)


def _way(loc: Location, values: Any) -> Location:
    """The steps of a location that lead through the values, without the types of a union that pydantic adds."""
    found: list[str | int] = list(loc[:1])
    node: Any = values.get(loc[0]) if loc else None
    for step in loc[1:]:
        inside = isinstance(node, dict) and step in node
        if inside or (isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node)):
            found.append(step)
            node = node[step]
    return tuple(found)


def _said(item: Any) -> tuple[str, str, Mapping[str, Any]]:
    """The code, the message and the details of one of pydantic's errors."""
    code, context = item["type"], item.get("ctx", {})
    if code == "missing" and len(item["loc"]) > 1:
        return "length", f"needs at least {_count(item['loc'][-1] + 1, 'item')}", {}
    if code == "missing":
        return "missing", "is missing", {}
    if code == "extra_forbidden":
        return "extra", "is unknown", {}
    if code == "finite_number":
        return "infinite", "is a finite number", {}
    if code == "float_type" and type(item["input"]) is int:
        return "infinite", "is greater than any number here may be", {}
    if code in _WANTED:
        return "type", f"takes {_WANTED[code]}", {"wanted": _WANTED[code]}
    if code in _COMPARISONS:
        key, words = _COMPARISONS[code]
        return "range", f"must be {words} {_number(context[key])}", {}
    if code == "literal_error":
        names = tuple(re.findall(r"'([^']*)'|(-?\d+)", context["expected"]))
        listed = tuple(text or number for text, number in names)
        return "choice", f"is one of {', '.join(listed)}", {"what": "", "names": listed}
    if code == "one_of":
        return "choice", f"is {item['msg']}", context
    if code in ("too_short", "string_too_short"):
        return "length", f"needs at least {_count(context['min_length'], _LENGTHS[code])}", {}
    if code in ("too_long", "string_too_long"):
        return "length", f"takes at most {_count(context['max_length'], _LENGTHS[code])}", {}
    if code == "string_pattern_mismatch":
        return "pattern", f"does not match {context['pattern']}", {}
    if code == MISFIT:
        # Of one key alone it is found wherever that key is looked at.
        return MISFIT if not item["loc"] else "value", context["message"], context
    if code == "value_error":
        return "value", str(context["error"]), {}
    return "value", f"this cannot be read: {str(item['msg']).lower()}", {}


def _number(bound: float) -> str:
    """A limit as one would write it: 1,000,000 and not 1e+06."""
    if isinstance(bound, int) or (math.isfinite(bound) and bound == int(bound) and bound >= 1e4):
        return f"{int(bound):,}"
    return f"{bound:g}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
