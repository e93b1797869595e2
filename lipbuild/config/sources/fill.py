"""What fills the missing cells of a table, as a config says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from lipbuild.text.suggest import nearest

CONSTANT = "constant"
# As for the other numbers that a network is given.
_LARGEST = 1e30
_WAYS = ("median", "mean", "most_frequent")
_KNOWN = "`median`, `mean`, `most_frequent` or `{constant: …}`"


class Filling(NamedTuple):
    """What fills the missing cells of a column.

    Attributes:
        way: `median`, `mean` or `most_frequent`, of the training part; or `constant`.
        value: The number, or the category of a column of text; None until it is learnt.
    """

    way: str
    value: float | str | None = None


def _filling(value: Any, where: str) -> Any:
    """One filling in the one form in which it is kept: the name of a way, or `{constant: value}`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _filling({CONSTANT: value}, where)
    if isinstance(value, str):
        if value in _WAYS:
            return value
        near = nearest(value, _WAYS)
        advice = f"there is `{near}`" if near else f"a text is given as `{{constant: {value}}}`"
        raise ValueError(f"{where} is filled by {_KNOWN}, and this is `{value}`: {advice}")
    if isinstance(value, dict) and set(value) == {CONSTANT}:
        constant = value[CONSTANT]
        if isinstance(constant, str) and constant.strip():
            return {CONSTANT: constant.strip()}
        if isinstance(constant, (int, float)) and not isinstance(constant, bool):
            if not abs(constant) <= _LARGEST:
                raise ValueError(f"the constant that fills {where} is at most {_LARGEST:g} in size")
            return {CONSTANT: float(constant)}
        raise ValueError(f"the constant that fills {where} is a number, or a text for a column of text")
    raise ValueError(f"{where} is filled by {_KNOWN}")


def _checked(value: Any) -> Any:
    if not isinstance(value, dict) or _is_constant(value):
        return None if value is None else _filling(value, "a column")
    if not value:
        raise ValueError(f"`fill` is {_KNOWN} for all columns, or a mapping of columns to these")
    return {name: _filling(one, f"`{name}`") for name, one in value.items()}


def _is_constant(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a constant for all columns: a column of that name is given a way or a mapping."""
    constant = value.get(CONSTANT)
    return set(value) == {CONSTANT} and not isinstance(constant, dict) and constant not in _WAYS


_ONE: list[dict[str, Any]] = [
    {"enum": list(_WAYS)},
    {"type": "number"},
    {
        "type": "object",
        "properties": {
            CONSTANT: {"type": ["number", "string"], "description": "What a missing cell becomes."}
        },
        "required": [CONSTANT],
        "additionalProperties": False,
    },
]
# A filling for all columns, or one for each of some.
Fill = Annotated[
    str | dict[str, Any] | None,
    BeforeValidator(_checked),
    WithJsonSchema(
        {"anyOf": [*_ONE, {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": _ONE}}]}
    ),
]


def fillings(
    fill: str | Mapping[str, Any] | None, columns: Sequence[str], texts: Collection[str]
) -> dict[str, Filling]:
    """What fills each column that is filled.

    What is given for all columns fills those of text by the most frequent value; a constant, those of its type alone.

    Args:
        fill: What the config says.
        columns: The columns.
        texts: Those of text.
    """
    if fill is None:
        return {}
    if isinstance(fill, Mapping) and not _is_constant(fill):
        return {name: _kept(fill[name]) for name in columns if name in fill}
    one = _kept(fill)
    if one.value is not None:
        return {name: one for name in columns if (name in texts) == isinstance(one.value, str)}
    return {name: Filling("most_frequent") if name in texts else one for name in columns}


def named_in(fill: str | Mapping[str, Any] | None) -> list[str]:
    """The columns that are filled each in its own way; none where one filling is for all."""
    return list(fill) if isinstance(fill, Mapping) and not _is_constant(fill) else []


def _kept(value: str | Mapping[str, Any]) -> Filling:
    return Filling(value) if isinstance(value, str) else Filling(CONSTANT, value[CONSTANT])
