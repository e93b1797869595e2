"""What an editor can do about a finding: its fix, or a comment that silences it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp
from pygls.workspace import TextDocument

from lipbuild.cli.editor.document import range_of
from lipbuild.cli.editor.published import published
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.rules.check import Checked, check
from lipbuild.rules.fix import fix, is_worth
from lipbuild.rules.registry import RULES
from lipbuild.text.fix import Applicability
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

FIX_ALL = "source.fixAll.lipbuild"


def quick_fixes(document: TextDocument, checked: Checked, start: int, end: int) -> Iterator[lsp.CodeAction]:
    """The actions for the findings that a selection touches."""
    for found in checked.diagnostics:
        own = found.span.source is checked.source
        if not own or found.span.start > end or start > found.span.end:
            continue
        if _can_be_made(found, checked):
            yield _fix(document, checked, found)
        silenced = _silenced(document, checked, found)
        if silenced is not None:
            yield silenced


def fix_all(document: TextDocument, checked: Checked) -> lsp.CodeAction | None:
    """Every safe fix at once; None where there is none."""
    fixed = fix(checked.source)
    if not fixed.count:
        return None
    whole = range_of(document, Span(checked.source, 0, len(checked.source.text)))
    return lsp.CodeAction(
        title="fix all that can safely be fixed",
        kind=FIX_ALL,
        edit=lsp.WorkspaceEdit(changes={document.uri: [lsp.TextEdit(whole, fixed.source.text)]}),
    )


def _can_be_made(found: Diagnostic, checked: Checked) -> bool:
    return (
        found.fix is not None
        and found.fix.applicability is not Applicability.DISPLAY
        and all(edit.span.source is checked.source for edit in found.fix.edits)
        and is_worth(found.fix, checked)
    )


def _fix(document: TextDocument, checked: Checked, found: Diagnostic) -> lsp.CodeAction:
    assert found.fix is not None
    edits = [lsp.TextEdit(range_of(document, edit.span), edit.replacement) for edit in found.fix.edits]
    unsafe = " (changes what the network computes)" if found.fix.applicability is Applicability.UNSAFE else ""
    return lsp.CodeAction(
        title=f"{found.fix.message}{unsafe}",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[published(document, checked, found)],
        is_preferred=found.fix.applicability is Applicability.SAFE,
        edit=lsp.WorkspaceEdit(changes={document.uri: edits}),
    )


def _silenced(document: TextDocument, checked: Checked, found: Diagnostic) -> lsp.CodeAction | None:
    """A comment at the end of the line; None where that would not silence it, or the line has a comment."""
    source = checked.source
    number, _ = source.position(found.span.start)
    end = source.line_end(number)
    comment = f"  # lipbuild: ignore[{found.rule}] "
    text = f"{source.text[:end]}{comment}a reason{source.text[end:]}"
    after = check(SourceText(source.name, text, source.path))
    if len(after.diagnostics) >= len(checked.diagnostics):
        return None
    voids = ", which voids the certificate" if RULES[found.rule].is_soundness else ""
    return lsp.CodeAction(
        title=f"silence `{found.rule}` on this line{voids}",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[published(document, checked, found)],
        edit=lsp.WorkspaceEdit(
            changes={document.uri: [lsp.TextEdit(range_of(document, Span(source, end, end)), comment)]}
        ),
    )
