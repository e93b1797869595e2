from __future__ import annotations

import sys
from collections.abc import Sequence

_RESULTS = ("text", "json")
_RENAMED = {("train", "--workers"): "--cluster", ("compare", "--html"): "--output"}


def with_present_options(arguments: Sequence[str]) -> list[str]:
    """Arguments with options as they are called now; a warning on standard error names each former one.

    `export --format onnx` is `export --to onnx`: `--format` says how a result is written, as everywhere.
    """
    found = list(arguments)
    command = found[0] if found else ""
    for i, argument in enumerate(found):
        option, separator, value = argument.partition("=")
        if (command, option) in _RENAMED:
            now = _RENAMED[command, option]
            print(f"warning: `{option}` is called `{now}` now", file=sys.stderr)
            found[i] = now + separator + value
        elif command == "export" and option in ("--format", "-f"):
            value = value if separator else (found[i + 1] if i + 1 < len(found) else "")
            if value and value not in _RESULTS:
                print(f"warning: `{option} {value}` is called `--to {value}` now", file=sys.stderr)
                found[i] = f"--to={value}" if separator else "--to"
    return found
