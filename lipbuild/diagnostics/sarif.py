"""Diagnostics as SARIF 2.1.0 (OASIS), which code hosts and editors read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lipbuild._version import __version__
from lipbuild.diagnostics.described import Described
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.severity import Severity
from lipbuild.text.fix import Fix
from lipbuild.text.span import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# What the first figure of a rule's code says.
_TAGS = {
    "0": "source",
    "1": "schema",
    "2": "soundness",
    "3": "quality",
    "4": "training",
    "9": "hygiene",
}
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.REMARK: "note"}


def sarif(reports: Sequence[FileReport], rules: Mapping[str, Described]) -> str:
    """The reports as one SARIF log with one run. Silenced findings are in it, marked as suppressed."""
    results = [_result(d, rules) for report in reports for d in report.diagnostics]
    for report in reports:
        for found in report.suppressed:
            suppression = {"kind": "inSource", **({"justification": found.reason} if found.reason else {})}
            results.append({**_result(found, rules), "suppressions": [suppression]})
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "lipbuild",
                        "version": __version__,
                        "rules": [_rule(rule) for rule in rules.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": True}],
                "results": results,
            }
        ],
    }
    return dump_json(log) + "\n"


def _rule(rule: Described) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.text.strip(), "markdown": rule.text.strip()},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"tags": [_TAGS[rule.code[3]] if rule.code.startswith("LIP") else "package"]},
    }


def _result(found: Diagnostic, rules: Mapping[str, Described]) -> dict[str, Any]:
    said = ". ".join([found.message, *found.notes, *([f"Help: {found.help}"] if found.help else [])])
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": list(rules).index(found.rule),
        "level": _LEVEL[found.severity],
        "message": {"text": said},
        "locations": [_place(found.span)],
    }
    if found.related:
        result["relatedLocations"] = [
            {**_place(related.span), "message": {"text": related.label}} for related in found.related
        ]
    if found.fix is not None:
        result["fixes"] = [_fix(found.fix)]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {
                "artifactLocation": _uri(fix.edits[0].span),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
                    for edit in fix.edits
                ],
            }
        ],
    }


def _place(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _uri(span), "region": _region(span)}}


def _uri(span: Span) -> dict[str, str]:
    name = span.source.name
    if span.source.path is not None and Path(name).is_absolute():
        return {"uri": Path(name).as_uri()}
    return {"uri": quote(name.replace("\\", "/"))}


def _region(span: Span) -> dict[str, int]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
