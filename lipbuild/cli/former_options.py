from __future__ import annotations

import sys
from collections.abc import Sequence

_RESULTS = ("text", "json")


def with_present_options(arguments: Sequence[str]) -> list[str]:
    """Arguments with options as they are called now; what was called otherwise is said on standard error.

    `export --format onnx` is `export --to onnx`: `--format` says how a result is written, as everywhere.
    """
    found = list(arguments)
    if found[:1] != ["export"]:
        return found
    for i, argument in enumerate(found):
        option, separator, value = argument.partition("=")
        if option not in ("--format", "-f"):
            continue
        value = value if separator else (found[i + 1] if i + 1 < len(found) else "")
        if value and value not in _RESULTS:
            print(f"warning: `{option} {value}` is called `--to {value}` now", file=sys.stderr)
            found[i] = f"--to={value}" if separator else "--to"
    return found
