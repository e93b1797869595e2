"""Diagnostics one a line: `config.yaml:7:5: error LIP201 plain-dense: …`."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.printable import printable


def concise(reports: Sequence[FileReport]) -> str:
    """Every diagnostic of the reports, one a line."""
    lines = []
    for report in reports:
        for found in report.diagnostics:
            fixable = " [*]" if found.fix is not None else ""
            lines.append(
                f"{found.span.place}: {found.severity.value} {found.code} {found.rule}:{fixable} {found.message}"
            )
    return "".join(f"{printable(line)}\n" for line in lines)
