"""Diagnostics as a person reads them: the source line, carets under what is wrong, what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.severity import Severity
from lipbuild.diagnostics.snippet import Gutter, excerpt, snippet
from lipbuild.text.edit import Edit, apply_edits
from lipbuild.text.fix import Fix
from lipbuild.text.span import Span

_STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.REMARK: "cyan"}


def render(diagnostics: Iterable[Diagnostic], *, palette: Palette | None = None, width: int = 100) -> str:
    """All diagnostics as one text, a blank line between them."""
    chosen = palette if palette is not None else Palette(enabled=False)
    return "\n".join(render_one(diagnostic, palette=chosen, width=width) for diagnostic in diagnostics)


def render_one(found: Diagnostic, *, palette: Palette, width: int = 100) -> str:
    """One diagnostic as text, ending in a line break."""
    color = _STYLE[found.severity]
    spans = [found.span, *(related.span for related in found.related)]
    edits = [edit.span for edit in found.fix.edits] if found.fix is not None else []
    gutter = Gutter([s.source.position(s.start)[0] for s in [*spans, *edits]], palette)
    shown, left = snippet(found.span, found.label, found.related, color, gutter, width)
    lines = [*_head(found, color, palette, width), *shown]
    notes = [*found.notes, *left]
    if notes or found.help:
        lines.append(gutter.row())
    for note in notes:
        lines += _attached("note", note, gutter, width)
    if found.help:
        lines += _attached("help", found.help, gutter, width)
    if found.fix is not None:
        lines += _fix_shown(found.fix, gutter, width)
    return "\n".join(lines) + "\n"


def _head(found: Diagnostic, color: str, palette: Palette, width: int) -> list[str]:
    """`error[LIP201] plain-dense: …`, on as many lines as it needs."""
    start = f"{found.severity.value}[{found.code}] {found.rule}:"
    first, *rest = _wrapped(f"{start} {printable(found.message)}", width, "    ")
    head = palette.paint(f"{found.severity.value}[{found.code}]", color, bold=True)
    return [f"{head} {palette.paint(found.rule, bold=True)}:{first[len(start) :]}", *rest]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        max(40, width),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fix_shown(fix: Fix, gutter: Gutter, width: int) -> list[str]:
    """The lines that a fix changes, before and after."""
    source = fix.edits[0].span.source
    first, _ = source.position(min(edit.span.start for edit in fix.edits))
    last, _ = source.position(max(edit.span.end for edit in fix.edits))
    begin, end = source.line_start(first), source.line_end(last)
    changed = apply_edits(
        source.text[begin:end],
        (
            Edit(Span(source, edit.span.start - begin, min(edit.span.end, end) - begin), edit.replacement)
            for edit in fix.edits
        ),
    )
    lines = [gutter.row()]
    for sign, number, line, column in _changes(
        source.text[begin:end].splitlines(), changed.splitlines(), first
    ):
        shown, _ = excerpt(line, column, gutter.room(width))
        text = gutter.palette.paint(f"{sign} {printable(shown)}", "red" if sign == "-" else "green")
        lines.append(f"{str(number).rjust(gutter.width)} {text}")
    return lines if len(lines) > 1 else []


def _changes(old: list[str], new: list[str], first: int) -> Iterator[tuple[str, int, str, int]]:
    """The lines that are not in both: their sign, number, text, and the column around which a long one is cut."""
    from difflib import SequenceMatcher

    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        # A long line is cut around what changes in it, before and after alike.
        columns = [_first_change(x, y) for x, y in zip(old[a:b], new[c:d])]
        for sign, start, lines in (("-", a, old[a:b]), ("+", c, new[c:d])):
            for offset, line in enumerate(lines):
                column = columns[offset] if offset < len(columns) else 0
                if line.strip():
                    yield sign, first + start + offset, line, column


def _first_change(old: str, new: str) -> int:
    """Where two lines begin to differ, found by halves: a line may be all of a long text."""
    same, end = 0, min(len(old), len(new))
    while same < end:
        middle = (same + end + 1) // 2
        if old[same:middle] == new[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same


def _attached(kind: str, text: str, gutter: Gutter, width: int) -> Sequence[str]:
    prefix = f"{' ' * gutter.width} = {kind}: "
    first, *rest = _wrapped(f"{prefix}{printable(text)}", width, " " * len(prefix))
    palette = gutter.palette
    head = f"{' ' * gutter.width} {palette.paint('=', 'blue', bold=True)} {palette.paint(kind, bold=True)}:"
    return [f"{head}{first[len(prefix) - 1 :]}", *rest]
