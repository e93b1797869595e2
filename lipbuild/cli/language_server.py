"""The language server: the checker, as an editor asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from lipbuild._version import __version__
from lipbuild.cli.completions import completions
from lipbuild.cli.hover_text import hover_text
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.check import Checked, check
from lipbuild.source.fix import Applicability
from lipbuild.source.span import Span
from lipbuild.source.text import SourceText

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.REMARK: lsp.DiagnosticSeverity.Information,
}


def make_server() -> LanguageServer:
    """A server that checks every config an editor opens, as it is typed."""
    server = LanguageServer("lipbuild", __version__)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        )

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        checked = _check(document)
        found = hover_text(checked, _offset(document, checked.source, params.position))
        if found is None:
            return None
        text, span = found
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), _range(document, span))

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", "{", ":"]))
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document = server.workspace.get_text_document(params.text_document.uri)
        source = _source(document)
        return [
            lsp.CompletionItem(
                offer.label,
                documentation=offer.documentation,
                insert_text=offer.text,
                insert_text_format=lsp.InsertTextFormat.Snippet,
            )
            for offer in completions(source, _offset(document, source, params.position))
        ]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.workspace.get_text_document(params.text_document.uri)
        checked = _check(document)
        start = _offset(document, checked.source, params.range.start)
        end = _offset(document, checked.source, params.range.end)
        return [
            _action(document, found)
            for found in checked.diagnostics
            if found.fix is not None
            and all(edit.span.source is checked.source for edit in found.fix.edits)
            and found.fix.applicability is not Applicability.DISPLAY
            and found.span.start <= end
            and start <= found.span.end
        ]

    return server


def _publish(server: LanguageServer, uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    checked = _check(document)
    found = [_diagnostic(document, checked, diagnostic) for diagnostic in checked.diagnostics]
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=found))


def _check(document: TextDocument) -> Checked:
    return check(_source(document))


def _source(document: TextDocument) -> SourceText:
    parsed = urlparse(document.uri)
    path = Path(url2pathname(unquote(parsed.path))) if parsed.scheme == "file" else None
    return SourceText(
        path.name if path is not None else document.uri, document.source.removeprefix("\ufeff"), path
    )


def _diagnostic(document: TextDocument, checked: Checked, found: Diagnostic) -> lsp.Diagnostic:
    own = found.span.source is checked.source
    # What is wrong in a parent is shown at the head of the config that extends it.
    span = found.span if own else Span(checked.source, 0, 0)
    said = found.message if own else f"{found.span.place}: {found.message}"
    said += "".join(f"\n{note}" for note in found.notes) + (f"\nhelp: {found.help}" if found.help else "")
    return lsp.Diagnostic(
        range=_range(document, span),
        message=said,
        severity=_SEVERITY[found.severity],
        code=f"{found.code} {found.rule}",
        source="lipbuild",
    )


def _action(document: TextDocument, found: Diagnostic) -> lsp.CodeAction:
    assert found.fix is not None
    edits = [lsp.TextEdit(_range(document, edit.span), edit.replacement) for edit in found.fix.edits]
    unsafe = " (changes what the network computes)" if found.fix.applicability is Applicability.UNSAFE else ""
    return lsp.CodeAction(
        title=f"{found.fix.message}{unsafe}",
        kind=lsp.CodeActionKind.QuickFix,
        is_preferred=found.fix.applicability is Applicability.SAFE,
        edit=lsp.WorkspaceEdit(changes={document.uri: edits}),
    )


def _range(document: TextDocument, span: Span) -> lsp.Range:
    """A span in the units of the editor, which counts UTF-16 or what it has agreed on."""
    start_line, start_column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    # pygls keeps the two units apart by types of its own; this is where one becomes the other.
    counted: Any = lsp.Range(
        lsp.Position(start_line - 1, start_column - 1), lsp.Position(end_line - 1, end_column - 1)
    )
    return document.range_to_client_units(counted)


def _offset(document: TextDocument, source: SourceText, position: lsp.Position) -> int:
    if position.line >= len(document.lines):
        return len(source.text)
    place = document.position_from_client_units(position)
    line = min(place.line + 1, source.line_count)
    return min(source.line_start(line) + place.character, source.line_end(line))
