from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.outputs import OUTPUTS


def json_text(command: str, value: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """What a command prints for a program. JSON has neither NaN nor infinity: they are null.

    Args:
        command: The command, or `error`.
        value: The keys behind `format` and `version`.
        indent: By how many blanks each level is indented; None for one line.
    """
    kind = OUTPUTS[command]
    header = {"format": kind.format, "version": kind.version}
    return dump_json(finite({**header, **value, **header}), indent=indent)


def finite(value: Any) -> Any:
    """A JSON value with null for each number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(part) for part in value]
    return value
