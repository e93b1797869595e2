from __future__ import annotations

import json
import re
from typing import Any

_BETWEEN = re.compile(r"[^\n]+")


def dump_json(value: Any, *, indent: int | None = 2) -> str:
    r"""A value as JSON whose text can be shown: what cannot is written `\u202e`, and read as it was.

    Args:
        value: What `json` can write; numbers have to be finite.
        indent: By how many blanks each level is indented; None for one line.

    Raises:
        ValueError: A number is not finite.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return _BETWEEN.sub(lambda found: _escaped(found[0]), text)


def _escaped(line: str) -> str:
    return line if line.isprintable() else "".join(map(_one, line))


def _one(character: str) -> str:
    # Outside of strings JSON has none of these. No-break and other spaces change nothing.
    if character.isprintable():
        return character
    return json.dumps(character)[1:-1]
