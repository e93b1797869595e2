from __future__ import annotations

import re
from collections.abc import Sequence

_ADDRESS = re.compile(r"\d+|[^/\s]*:\d+")


def with_optional_values(arguments: Sequence[str]) -> list[str]:
    """Arguments whose options with optional values all have one: the option parser has no such options.

    `--graph` alone is `--graph=table`. What follows `--serve` of `train` is its value where it is an address.
    """
    found = ["--graph=table" if argument == "--graph" else argument for argument in arguments]
    if "train" not in found or "--serve" not in found:
        return found
    place = found.index("--serve")
    follows = found[place + 1 : place + 2]
    if follows and _ADDRESS.fullmatch(follows[0]):
        return [*found[:place], f"--serve={follows[0]}", *found[place + 2 :]]
    return [*found[:place], "--serve=127.0.0.1", *found[place + 1 :]]
