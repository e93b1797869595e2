"""Fixes that several rules offer, as edits of the text: comments and layout survive."""

from __future__ import annotations

import re

from lipbuild.source.edit import Edit
from lipbuild.source.fix import Applicability, Fix
from lipbuild.source.span import Span
from lipbuild.spec.stack import LayerUse

_DASH = re.compile(r"[ ]*-[ ]+")
_REST = re.compile(r"[ \t]*(#[^\r\n]*)?")


def replace(
    span: Span, text: str, message: str = "", applicability: Applicability = Applicability.SAFE
) -> Fix:
    """Write another text in a span's place."""
    said = message or f"replace `{span.text}` by `{text}`"
    return Fix(said, (Edit(span, text),), applicability)


def rename(use: LayerUse, name: str, applicability: Applicability = Applicability.SAFE) -> Fix | None:
    """Use another layer, with the same arguments; None where the config writes the name in another way."""
    return replace(use.span, name, applicability=applicability) if use.span.text == use.kind else None


def add_argument(use: LayerUse, argument: str) -> Edit | None:
    """Add `key: value` after a layer's arguments; None where their layout is not plain."""
    whole = use.whole
    text = whole.text
    if not text.startswith(use.kind) or whole.source is not use.span.source:
        return None
    if text.endswith("}"):
        separator = "" if text.rstrip("}").rstrip().endswith("{") else ", "
        return Edit(Span(whole.source, whole.end - 1, whole.end - 1), f"{separator}{argument}")
    lines = text.splitlines()
    if len(lines) < 2 or not lines[0].rstrip().endswith(":"):
        return None
    indent = re.match(r"[ ]*", lines[1])
    assert indent is not None
    return Edit(Span(whole.source, whole.end, whole.end), f"\n{indent.group()}{argument}")


def remove(use: LayerUse, applicability: Applicability = Applicability.SAFE) -> Fix | None:
    """Take a layer out of its list; None where the list's layout is not plain."""
    source, start, end = use.whole.source, use.whole.start, use.whole.end
    text = source.text
    line, _ = source.position(start)
    begin = source.line_start(line)
    message = f"remove `{use.kind}`"
    if _DASH.fullmatch(text[begin:start]):
        last, _ = source.position(end)
        if _REST.fullmatch(text[end : source.line_end(last)]) is None or not _has_siblings(use):
            return None
        stop = source.line_start(last + 1) if last < source.line_count else len(text)
        return Fix(message, (Edit(Span(source, begin, stop), ""),), applicability)
    after = re.compile(r"\s*,[ \t]*").match(text, end)
    if after is not None:
        return Fix(message, (Edit(Span(source, start, after.end()), ""),), applicability)
    before = text[:start].rstrip()
    if before.endswith(",") and text[end : end + 20].lstrip()[:1] == "]":
        return Fix(message, (Edit(Span(source, len(before) - 1, end), ""),), applicability)
    return None


def _has_siblings(use: LayerUse) -> bool:
    """Whether the list of a layer on a line of its own holds another item."""
    source = use.whole.source
    first, column = source.position(use.whole.start)
    last, _ = source.position(use.whole.end)
    indent = source.line(first)[: column - 1].index("-")
    for numbers in (range(first - 1, 0, -1), range(last + 1, source.line_count + 1)):
        for number in numbers:
            line = source.line(number)
            depth = len(line) - len(line.lstrip())
            if not line.strip() or line.lstrip().startswith("#") or depth > indent:
                continue
            if depth == indent and line.lstrip().startswith("-"):
                return True
            break
    return False


def insert_before(use: LayerUse, layer: str, applicability: Applicability) -> Fix | None:
    """Put a layer without arguments before another; None where the list's layout is not plain."""
    source, start = use.whole.source, use.whole.start
    begin = source.line_start(source.position(start)[0])
    head = source.text[begin:start]
    added = f"{head}{layer}\n" if _DASH.fullmatch(head) else f"{layer}, "
    if not _DASH.fullmatch(head) and not head.rstrip().endswith(("[", ",")):
        return None
    place = begin if _DASH.fullmatch(head) else start
    return Fix(f"put a `{layer}` before it", (Edit(Span(source, place, place), added),), applicability)
