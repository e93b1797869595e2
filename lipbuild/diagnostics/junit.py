"""Diagnostics as JUnit XML, which most build servers read: one test suite a file."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.severity import Severity


def junit(reports: Sequence[FileReport]) -> str:
    """The reports as one document. Errors and warnings are failures; a file without findings passes one test."""
    tests = sum(max(1, len(report.diagnostics)) for report in reports)
    failures = sum(_failures(report) for report in reports)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="lipbuild" tests="{tests}" failures="{failures}">',
    ]
    for report in reports:
        name = quoteattr(printable(report.name))
        count = max(1, len(report.diagnostics))
        lines.append(f'  <testsuite name={name} tests="{count}" failures="{_failures(report)}">')
        if not report.diagnostics:
            lines.append(f'    <testcase name={name} classname="lipbuild"/>')
        for found in report.diagnostics:
            line, column = found.span.source.position(found.span.start)
            title = quoteattr(f"{found.code} {found.rule} ({line}:{column})")
            said = escape(printable(found.help or found.message))
            message = quoteattr(printable(found.message))
            lines.append(f"    <testcase name={title} classname={name}>")
            if found.severity is Severity.REMARK:
                lines.append(f"      <system-out>{escape(printable(found.message))}</system-out>")
            else:
                lines.append(
                    f'      <failure type="{found.severity.value}" message={message}>{said}</failure>'
                )
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _failures(report: FileReport) -> int:
    return sum(found.severity is not Severity.REMARK for found in report.diagnostics)
