from __future__ import annotations

import json
import math
from typing import Any

# More than any model or certificate has, and few enough to be followed by functions that call themselves.
_DEEPEST = 100


def strict_json(text: str | bytes) -> Any:
    """JSON without what parsers differ in: no name twice in an object, no NaN and no infinity, nothing nested deep.

    A number beyond float64 is infinity by another name.

    Raises:
        ValueError: If the text is something else.
    """
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f"values are nested more than {_DEEPEST} deep")
        inner = (v.values() if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list)))
        level = [item for values in inner for item in values]
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError(f"a name stands twice in one object: {[name for name, _ in pairs]}"[:200])
    return result


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.40} is beyond float64")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
