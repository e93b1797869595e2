"""The language server: the checker, as an editor asks for it."""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from lipbuild._version import __version__
from lipbuild.cli.editor.completions import completions
from lipbuild.cli.editor.document import is_config, offset_of, range_of, source_of
from lipbuild.cli.editor.hover_text import hover_text
from lipbuild.cli.editor.inlay_hints import inlay_hints
from lipbuild.cli.editor.published import published
from lipbuild.cli.editor.quick_fixes import FIX_ALL, fix_all, quick_fixes
from lipbuild.rules.check import check
from lipbuild.text.span import Span

_KIND = {
    "layer": lsp.CompletionItemKind.Class,
    "key": lsp.CompletionItemKind.Property,
    "word": lsp.CompletionItemKind.EnumMember,
}
_ACTIONS = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, FIX_ALL])
_TRIGGERS = lsp.CompletionOptions(trigger_characters=[" ", "{", "[", ":", ",", "-", "$", "."])


def make_server() -> LanguageServer:
    """A server that checks every config an editor opens, as it is typed."""
    server = LanguageServer("lipbuild", __version__)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        _publish(server, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(_: lsp.DidSaveTextDocumentParams) -> None:
        # A saved parent changes what is wrong with those that extend it.
        for uri in list(server.workspace.text_documents):
            _publish(server, uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        )

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        if not is_config(document):
            return None
        checked = check(source_of(document))
        found = hover_text(checked, offset_of(document, checked.source, params.position))
        if found is None:
            return None
        text, span = found
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), range_of(document, span))

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, _TRIGGERS)
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document = server.workspace.get_text_document(params.text_document.uri)
        source = source_of(document)
        offset = offset_of(document, source, params.position)
        # An empty file may become a config.
        if source.text.strip() and not is_config(document) and params.position.line:
            return []
        return [
            lsp.CompletionItem(
                offer.label,
                kind=_KIND[offer.kind],
                documentation=offer.documentation or None,
                insert_text=offer.text if offer.start is None else None,
                text_edit=lsp.TextEdit(range_of(document, Span(source, offer.start, offset)), offer.text)
                if offer.start is not None
                else None,
                insert_text_format=lsp.InsertTextFormat.Snippet,
                sort_text=f"{index:04}",
            )
            for index, offer in enumerate(completions(source, offset))
        ]

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, _ACTIONS)
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.workspace.get_text_document(params.text_document.uri)
        if not is_config(document):
            return []
        checked = check(source_of(document))
        if params.context.only and FIX_ALL in params.context.only:
            action = fix_all(document, checked)
            return [action] if action is not None else []
        start = offset_of(document, checked.source, params.range.start)
        end = offset_of(document, checked.source, params.range.end)
        return list(quick_fixes(document, checked, start, end))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = server.workspace.get_text_document(params.text_document.uri)
        return inlay_hints(document, check(source_of(document))) if is_config(document) else []

    return server


def _publish(server: LanguageServer, uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    found: list[lsp.Diagnostic] = []
    if is_config(document):
        checked = check(source_of(document))
        found = [published(document, checked, diagnostic) for diagnostic in checked.diagnostics]
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=found))
