from __future__ import annotations

import json
from typing import Any


def strict_json(text: str | bytes) -> Any:
    """JSON without what parsers differ in: no name twice in an object, no NaN and no infinity.

    Raises:
        ValueError: if the text is something else.
    """
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError(f"a name stands twice in one object: {[name for name, _ in pairs]}"[:200])
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
