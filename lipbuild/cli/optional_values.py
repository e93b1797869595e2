from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_DRAWINGS = ("table", "mermaid", "dot")
_ADDRESS = r"\d+|[^/\s]*:\d+"


def with_optional_values(arguments: Sequence[str]) -> list[str]:
    """Arguments whose options with optional values all have one: the option parser has no such options.

    What follows `--graph` is its value where it is a drawing and no file; alone it is `--graph=table`. What follows
    `--serve` of `train` is its value where it is an address.
    """
    found = list(arguments)
    if "--graph" in found:
        place = found.index("--graph")
        follows = found[place + 1 : place + 2]
        if follows and follows[0] in _DRAWINGS and not Path(follows[0]).exists():
            del found[place + 1]
            found[place] = f"--graph={follows[0]}"
        else:
            found[place] = "--graph=table"
    if "train" not in found or "--serve" not in found:
        return found
    place = found.index("--serve")
    follows = found[place + 1 : place + 2]
    if follows and re.fullmatch(_ADDRESS, follows[0]):
        return [*found[:place], f"--serve={follows[0]}", *found[place + 2 :]]
    return [*found[:place], "--serve=127.0.0.1", *found[place + 1 :]]
