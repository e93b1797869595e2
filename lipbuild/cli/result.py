"""Results of commands, for people or for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipbuild.diagnostics.severity import Severity

if TYPE_CHECKING:
    from lipbuild.rules.check import Checked


class ResultFormat(str, Enum):
    """How a result is written."""

    text = "text"
    json = "json"


FormatOption = Annotated[
    ResultFormat,
    typer.Option("--format", "-f", help="Write the result as text, or as JSON."),
]


def print_json(command: str, value: Mapping[str, Any]) -> None:
    """Print what a command found, as docs/json.md says."""
    from lipbuild.outputs.json_text import json_text

    print(json_text(command, value))


def refuse(checked: Checked, format: ResultFormat) -> int:
    """The status of a command whose config has errors, which have been shown."""
    if format is ResultFormat.json:
        errors = [f.message for f in checked.diagnostics if f.severity is Severity.ERROR]
        print_json(
            "error", {"message": f"{checked.source.name}: {'; '.join(errors)}", "help": "", "status": 1}
        )
    return 1


def is_json_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, as far as can be told before it is parsed."""
    joined = {"--format=json", "-f=json", "-fjson"}
    return any(
        one in joined or (one in ("--format", "-f") and arguments[i + 1 : i + 2] == ["json"])
        for i, one in enumerate(arguments)
    )
