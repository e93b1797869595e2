"""JSON that every program reads in the same way."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from lipbuild.errors import RefusedError, UnusableError

# Values within values, and values in all: more than any model has.
_DEEPEST = 100
_MOST = 2**21


def strict_json(content: bytes, what: str, *, finite: bool = True) -> Any:
    """Decode JSON that every program reads in the same way.

    Args:
        content: The text.
        what: What it is called in messages.
        finite: Whether NaN and infinite numbers are refused.

    Raises:
        UnusableError: It is not JSON.
        RefusedError: A key stands twice in an object, a number is not finite or does not fit 64 bits, or it is nested
            too deep or has too many values.
    """
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST:
        raise RefusedError(f"{what} has more than {_MOST} values")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
            raise RefusedError(f"{what} names {twice!r:.80} twice in one object")
        return found

    def number(text: str) -> float:
        value = float(text)
        if finite and not math.isfinite(value):
            raise RefusedError(f"{what} holds the number {text:.40}, which is not finite")
        return value

    def whole(text: str) -> int:
        if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
            raise RefusedError(f"{what} holds the number {text:.40}, which does not fit 64 bits")
        return int(text)

    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=members,
            parse_constant=number,
            parse_float=number,
            parse_int=whole,
        )
    except RecursionError:
        raise RefusedError(f"{what} is nested more than {_DEEPEST} deep") from None
    except ValueError as error:
        raise UnusableError(f"{what} is not JSON: {error}") from None
    _check(value, what)
    return value


def _check(value: Any, what: str) -> None:
    left: list[tuple[Any, int]] = [(value, 0)]
    while left:
        part, depth = left.pop()
        if depth > _DEEPEST:
            raise RefusedError(f"{what} is nested more than {_DEEPEST} deep")
        if isinstance(part, list):
            left.extend((item, depth + 1) for item in part)
        elif isinstance(part, dict):
            left.extend((item, depth + 1) for item in (*part, *part.values()))
        elif isinstance(part, str):
            _check_text(part, what)


def _check_text(text: str, what: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError(f"{what} holds the text {text!r:.60}, which is not Unicode") from None
