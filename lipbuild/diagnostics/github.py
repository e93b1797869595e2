"""Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.severity import Severity

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.REMARK: "notice"}


def github(reports: Sequence[FileReport]) -> str:
    """Every diagnostic of the reports as one command a line."""
    lines = []
    for report in reports:
        for found in report.diagnostics:
            line, column = found.span.source.position(found.span.start)
            end_line, end_column = found.span.source.position(found.span.end)
            place = f"file={_property(found.span.source.name)},line={line},col={column}"
            if end_line == line:
                place += f",endLine={end_line},endColumn={end_column}"
            title = _property(f"{found.code} {found.rule}")
            said = "\n".join([found.message, *([f"help: {found.help}"] if found.help else [])])
            lines.append(f"::{_COMMAND[found.severity]} {place},title={title}::{_data(said)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
