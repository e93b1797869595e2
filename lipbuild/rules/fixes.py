"""Fixes that several rules offer, as edits of the text: comments and layout survive."""

from __future__ import annotations

import re

from lipbuild.config.stack import LayerUse
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.span import Span

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


def replace_layer(use: LayerUse, layer: str) -> Fix | None:
    """Use another layer, without arguments; None where the layout is not plain."""
    whole = use.whole.text
    if whole != use.kind and not (whole.startswith(use.kind) and whole.endswith("}")):
        return None
    return replace(use.whole, layer, f"replace `{use.kind}` by `{layer}`", Applicability.UNSAFE)


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


def insert_before(use: LayerUse, layer: str) -> Fix | None:
    """Put a layer without arguments before another; None where the list's layout is not plain."""
    source, start = use.whole.source, use.whole.start
    begin = source.line_start(source.position(start)[0])
    head = source.text[begin:start]
    if _DASH.fullmatch(head):
        place, added = begin, f"{head}{layer}\n"
    elif head.rstrip().endswith(("[", ",")):
        place, added = start, f"{layer}, "
    else:
        return None
    edit = Edit(Span(source, place, place), added)
    return Fix(f"put a `{layer}` before it", (edit,), Applicability.UNSAFE)


def activation_as_layer(use: LayerUse, layer: str) -> Fix | None:
    """Take the `activation` of a layer away and put a layer after it; None where the layout is not plain."""
    removed, added = remove_argument(use, "activation"), _after(use, layer)
    if removed is None or added is None:
        return None
    name = use.fields["activation"].text
    return Fix(
        f"replace `activation: {name}` by a `{layer}` after it", (removed, added), Applicability.UNSAFE
    )


def remove_argument(use: LayerUse, name: str) -> Edit | None:
    """Take an argument of a layer away; None where it is the only one, or its layout is not plain."""
    value = use.fields.get(name)
    if value is None or value.source is not use.whole.source or len(use.fields) < 2:
        return None
    source, text = value.source, value.source.text
    key = re.search(rf"(?<![\w.-]){re.escape(name)}[ \t]*:[ \t]*$", text[use.whole.start : value.start])
    if key is None:
        return None
    start = use.whole.start + key.start()
    before = re.search(r",\s*$", text[use.whole.start : start])
    after = re.match(r"\s*,[ \t]*", text[value.end : use.whole.end])
    if before is not None:
        return Edit(Span(source, use.whole.start + before.start(), value.end), "")
    if after is not None:
        return Edit(Span(source, start, value.end + after.end()), "")
    number, _ = source.position(start)
    begin, end = source.line_start(number), source.line_end(number)
    if text[begin:start].strip() or _REST.fullmatch(text[value.end : end]) is None or value.end > end:
        return None
    # Its line goes, and with it the line break before it.
    return Edit(Span(source, source.line_end(number - 1) if number > 1 else begin, end), "")


def _after(use: LayerUse, layer: str) -> Edit | None:
    """Another layer after a layer of a list."""
    source, start, end = use.whole.source, use.whole.start, use.whole.end
    first, _ = source.position(start)
    head = source.text[source.line_start(first) : start]
    if _DASH.fullmatch(head):
        last, _ = source.position(end)
        stop = source.line_end(last)
        if _REST.fullmatch(source.text[end:stop]) is None:
            return None
        return Edit(Span(source, stop, stop), f"\n{head}{layer}")
    # In a list on one line.
    if head.rstrip().endswith(("[", ",")) and re.match(r"\s*[,\]]", source.text[end:]):
        return Edit(Span(source, end, end), f", {layer}")
    return None
