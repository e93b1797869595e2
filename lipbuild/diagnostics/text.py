"""Diagnostics as a person reads them: the source line, carets under what is wrong, what to do."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.severity import Severity
from lipbuild.source.edit import Edit, apply_edits
from lipbuild.source.fix import Fix
from lipbuild.source.span import Span

_STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.REMARK: "cyan"}


def render(diagnostics: Iterable[Diagnostic], *, palette: Palette | None = None, width: int = 100) -> str:
    """All diagnostics as one text, a blank line between them."""
    chosen = palette if palette is not None else Palette(enabled=False)
    return "\n".join(render_one(diagnostic, palette=chosen, width=width) for diagnostic in diagnostics)


def render_one(diagnostic: Diagnostic, *, palette: Palette, width: int = 100) -> str:
    """One diagnostic as text, ending in a line break."""
    color = _STYLE[diagnostic.severity]
    span = diagnostic.span
    source = span.source
    line_number, column = source.position(span.start)
    head = palette.paint(f"{diagnostic.severity.value}[{diagnostic.code}]", color, bold=True)
    lines = [f"{head} {palette.paint(diagnostic.rule, bold=True)}: {printable(diagnostic.message)}"]

    gutter = len(str(line_number))
    bar = palette.paint("|", "blue", bold=True)
    empty = f"{' ' * gutter} {bar}"
    lines.append(f"{' ' * gutter}{palette.paint('-->', 'blue', bold=True)} {printable(span.place)}")
    lines.append(empty)
    shown, start, length = _excerpt(
        source.line(line_number), column - 1, span.end - span.start, width - gutter - 3
    )
    number = palette.paint(f"{line_number}", "blue", bold=True)
    lines.append(f"{number} {bar} {shown}".rstrip())
    carets = "^" * max(1, length)
    label = f" {printable(diagnostic.label)}" if diagnostic.label else ""
    lines.append(f"{empty} {' ' * start}{palette.paint(carets + label, color, bold=True)}")

    if diagnostic.notes or diagnostic.help:
        lines.append(empty)
    for note in diagnostic.notes:
        lines += _attached("note", note, gutter, palette, width)
    if diagnostic.help:
        lines += _attached("help", diagnostic.help, gutter, palette, width)
    if diagnostic.fix is not None:
        lines += _fix_shown(diagnostic.fix, gutter, palette, width)
    return "\n".join(lines) + "\n"


def _fix_shown(fix: Fix, gutter: int, palette: Palette, width: int) -> list[str]:
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
    old = source.text[begin:end].splitlines()
    new = changed.splitlines()
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    while old and new and old[0] == new[0]:
        first += 1
        old.pop(0)
        new.pop(0)
    lines = [f"{' ' * gutter} {palette.paint('|', 'blue', bold=True)}"]
    for sign, color, texts in (("-", "red", old), ("+", "green", new)):
        for offset, line in enumerate(texts):
            shown, _, _ = _excerpt(line, 0, 0, width - gutter - 3)
            number = str(first + offset).rjust(gutter)
            if line.strip():
                lines.append(f"{number} {palette.paint(f'{sign} {shown}', color)}")
    return lines if len(lines) > 1 else []


def _attached(kind: str, text: str, gutter: int, palette: Palette, width: int) -> list[str]:
    indent = " " * gutter
    prefix = f"{indent} = {kind}: "
    wrapped = textwrap.wrap(
        printable(text), max(40, width - len(prefix)), break_long_words=False, break_on_hyphens=False
    ) or [""]
    equals = palette.paint("=", "blue", bold=True)
    first = f"{indent} {equals} {palette.paint(kind, bold=True)}: {wrapped[0]}"
    return [first, *(" " * len(prefix) + line for line in wrapped[1:])]


def _excerpt(line: str, column: int, length: int, room: int) -> tuple[str, int, int]:
    """A line as it is shown, with the cell where its carets start and how many there are.

    Tabs become blanks, wide characters count two cells, and a long line is cut around the carets.
    """
    room = max(room, 30)
    length = min(length, len(line) - column)
    if len(line) > room:
        begin = max(0, min(column - 10, len(line) - room))
        line = ("…" if begin else "") + line[begin + bool(begin) : begin + room]
        column -= begin
        length = min(length, len(line) - column)
    start = _cells(line[:column])
    return printable(line), start, _cells(line[column : column + length])


def _cells(text: str) -> int:
    """How many cells of a terminal a text fills."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
