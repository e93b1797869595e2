"""Plain values as the types of a section's keys: nothing is coerced, and everything wrong is told."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from lipbuild.spec.field import FieldInfo
from lipbuild.spec.invalid import Invalid, Location
from lipbuild.spec.validators import AfterValidator, BeforeValidator, OneOf

_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    NoneType: "nothing",
}
# A number greater than any float is none.
_GREATEST = 1.7976931348623157e308


class _Wrong(Exception):
    """A value that is wrong; why has been told."""


def convert(annotation: Any, value: Any, at: Location, errors: list[Invalid]) -> Any:
    """The value as its annotation has it, or None with one or more new errors.

    Strictly: true is no number, 3.0 no whole one and "3" neither; a whole number is a number all the same.

    Args:
        annotation: `int`, `float`, `str`, `bool`, `Any`, a class of sections, `Literal[…]`, `list[…]`,
            `tuple[…, …]`, `tuple[…, ...]`, `dict[str, Any]`, any of them `| None`, `Annotated[…]` with limits
            or validators.
        value: The value, as YAML gives it.
        at: Where it stands.
        errors: Takes what is wrong with it.

    Raises:
        TypeError: No config can hold such a type: the annotation is at fault.
    """
    try:
        return _convert(annotation, value, at, errors)
    except _Wrong:
        return None


def _wrong(errors: list[Invalid], at: Location, code: str, message: str, **details: object) -> _Wrong:
    errors.append(Invalid(at, code, message, details))
    return _Wrong()


def _convert(annotation: Any, value: Any, at: Location, errors: list[Invalid]) -> Any:
    if annotation in _SCALARS:
        return _scalar(annotation, value, at, errors)
    if annotation is Any:
        return value
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *extras = get_args(annotation)
        return _annotated(kind, extras, value, at, errors)
    if origin is Union or origin is UnionType:
        return _union(get_args(annotation), value, at, errors)
    if origin is Literal:
        names = get_args(annotation)
        if any(type(value) is type(name) and value == name for name in names):
            return value
        listed = tuple(map(str, names))
        raise _wrong(errors, at, "choice", f"is one of {', '.join(listed)}", what="", names=listed)
    if origin in (list, tuple, dict):
        return _collection(annotation, origin, value, at, errors)
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        if isinstance(value, annotation):
            return value
        raise _of_type(errors, at, dict)
    raise TypeError(f"a config cannot hold a value of the type {annotation}")


_SCALARS = frozenset({int, float, str, bool, NoneType})


def _of_type(errors: list[Invalid], at: Location, kind: type) -> _Wrong:
    return _wrong(errors, at, "type", f"takes {_WORDS[kind]}", kind=kind, wanted=_WORDS[kind])


def _scalar(kind: Any, value: Any, at: Location, errors: list[Invalid]) -> Any:
    found = type(value)
    if kind is float and (found is float or found is int):
        if not -_GREATEST <= value <= _GREATEST:
            message = "is a finite number" if found is float else "is greater than any number here may be"
            raise _wrong(errors, at, "infinite", message)
        return float(value)
    if found is not kind:
        raise _of_type(errors, at, kind)
    return value


def _annotated(kind: Any, extras: Sequence[Any], value: Any, at: Location, errors: list[Invalid]) -> Any:
    for extra in extras:
        if isinstance(extra, BeforeValidator):
            value = _call(extra, value, at, errors)
    value = _convert(kind, value, at, errors)
    for extra in extras:
        if isinstance(extra, AfterValidator):
            value = _call(extra, value, at, errors)
        elif isinstance(extra, FieldInfo):
            limit(extra, value, at, errors)
        elif isinstance(extra, OneOf) and value not in extra.names:
            message = f"is unknown {extra.what} `{value}`"
            raise _wrong(errors, at, "choice", message, what=extra.what, names=tuple(extra.names))
    return value


def _call(
    validator: BeforeValidator | AfterValidator, value: Any, at: Location, errors: list[Invalid]
) -> Any:
    try:
        return validator.function(value)
    except ValueError as error:
        raise _wrong(errors, at, "value", str(error)) from None


def _union(kinds: tuple[Any, ...], value: Any, at: Location, errors: list[Invalid]) -> Any:
    if value is None and NoneType in kinds:
        return None
    first: list[Invalid] = []
    for kind in kinds:
        if kind is NoneType:
            continue
        told: list[Invalid] = []
        try:
            return _convert(kind, value, at, told)
        except _Wrong:
            # The first type's words are the plainest.
            first = first or told
    errors += first
    raise _Wrong


def _collection(annotation: Any, origin: Any, value: Any, at: Location, errors: list[Invalid]) -> Any:
    if type(value) is not origin:
        raise _of_type(errors, at, origin)
    if origin is dict:
        return value
    kinds = get_args(annotation)
    if origin is list or kinds[1:] == (...,):
        each = kinds[:1] * len(value)
    elif len(kinds) == len(value):
        each = kinds
    else:
        raise _wrong(errors, at, "length", f"needs {_items(len(kinds))}")
    converted = []
    before = len(errors)
    for index, (kind, item) in enumerate(zip(each, value)):
        converted.append(convert(kind, item, (*at, index), errors))
    if len(errors) > before:
        raise _Wrong
    return origin(converted)


_COMPARISONS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "gt": ("greater than", lambda value, bound: value > bound),
    "ge": ("at least", lambda value, bound: value >= bound),
    "lt": ("less than", lambda value, bound: value < bound),
    "le": ("at most", lambda value, bound: value <= bound),
}


def limit(field: FieldInfo, value: Any, at: Location, errors: list[Invalid]) -> None:
    """Tell the first limit of a key that a value of the right type breaks.

    Raises:
        _Wrong: It breaks one.
    """
    for name, bound in field.limits.items():
        if value is None:
            return
        if name in _COMPARISONS:
            words, holds = _COMPARISONS[name]
            if isinstance(value, (int, float)) and not holds(value, bound):
                raise _wrong(errors, at, "range", f"must be {words} {number(bound)}")
        elif name == "min_length" and len(value) < bound:
            raise _wrong(errors, at, "length", f"needs at least {_items(bound)}")
        elif name == "max_length" and len(value) > bound:
            raise _wrong(errors, at, "length", f"takes at most {_items(bound)}")
        elif name == "pattern" and re.match(bound, value) is None:
            raise _wrong(errors, at, "pattern", f"does not match {bound}")


def field_value(field: FieldInfo, value: Any, name: str, errors: list[Invalid]) -> Any:
    """The value of a key, its limits kept; None with one or more new errors where it is wrong."""
    try:
        converted = _annotated(field.annotation, field.metadata, value, (name,), errors)
        limit(field, converted, (name,), errors)
    except _Wrong:
        return None
    return converted


def number(bound: float) -> str:
    """A limit as one would write it: 1,000,000 and not 1e+06."""
    if isinstance(bound, int) or (math.isfinite(bound) and bound == int(bound) and bound >= 1e4):
        return f"{int(bound):,}"
    return f"{bound:g}"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
