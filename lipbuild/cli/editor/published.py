from __future__ import annotations

from lsprotocol import types as lsp
from pygls.workspace import TextDocument

from lipbuild.cli.editor.document import range_of
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.check import Checked
from lipbuild.text.span import Span

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.REMARK: lsp.DiagnosticSeverity.Information,
}
# What an editor shows greyed out.
_UNNECESSARY = frozenset({"unused-layers", "unused-suppressions"})


def published(document: TextDocument, checked: Checked, found: Diagnostic) -> lsp.Diagnostic:
    """A finding as an editor shows it."""
    own = found.span.source is checked.source
    # What is wrong in a parent is shown at the head of the config that extends it.
    span = found.span if own else Span(checked.source, 0, 0)
    said = found.message if own else f"{found.span.place}: {found.message}"
    said += "".join(f"\n{note}" for note in found.notes) + (f"\nhelp: {found.help}" if found.help else "")
    return lsp.Diagnostic(
        range=range_of(document, span),
        message=said,
        severity=_SEVERITY[found.severity],
        code=f"{found.code} {found.rule}",
        source="lipbuild",
        tags=[lsp.DiagnosticTag.Unnecessary] if found.rule in _UNNECESSARY else None,
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(document.uri, range_of(document, related.span)), related.label
            )
            for related in found.related
            if related.span.source is checked.source
        ]
        or None,
    )
