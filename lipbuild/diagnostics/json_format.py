"""Diagnostics as JSON, for programs. The format has a version, which changes when a reader would have to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.diagnostics.file_report import FileReport
from lipbuild.text.span import Span

FORMAT = "lipbuild.check"
VERSION = 1


def json_text(reports: Sequence[FileReport]) -> str:
    """The reports as one JSON object.

    Lines and columns count from 1, offsets from 0, all in characters; an end is the place after the last one.
    """
    data = {"format": FORMAT, "version": VERSION, "files": [_file(report) for report in reports]}
    return dump_json(data) + "\n"


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.name,
        "ok": report.ok,
        "certificate_voided_by": list(report.voided_by),
        "diagnostics": [_diagnostic(found) for found in report.diagnostics],
        **({"network": report.network} if report.network is not None else {}),
        "suppressed": [{**_diagnostic(found), "reason": found.reason} for found in report.suppressed],
    }


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "rule": found.rule,
        "severity": found.severity.value,
        "message": found.message,
        "label": found.label,
        "notes": list(found.notes),
        "help": found.help,
        "location": _location(found.span),
        "related": [
            {"location": _location(related.span), "label": related.label} for related in found.related
        ],
        "fix": None
        if found.fix is None
        else {
            "message": found.fix.message,
            "applicability": found.fix.applicability.value,
            "edits": [
                {"location": _location(edit.span), "replacement": edit.replacement}
                for edit in found.fix.edits
            ],
        },
    }


def _location(span: Span) -> dict[str, Any]:
    return {"path": span.source.name, "start": _point(span, span.start), "end": _point(span, span.end)}


def _point(span: Span, offset: int) -> dict[str, int]:
    line, column = span.source.position(offset)
    return {"line": line, "column": column, "offset": offset}
