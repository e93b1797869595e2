"""Fixes that several rules offer. Of a config they are edits of its text: comments and layout survive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from lipbuild.config.hints import not_here
from lipbuild.config.layer_fix import LayerFix, Rewrite
from lipbuild.config.stack import LayerUse
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import Substitute
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.origin import Origin
from lipbuild.text.span import Span

_DASH = r"[ ]*-[ ]+"
_REST = r"[ \t]*(#[^\r\n]*)?"


def replace(
    span: Span, text: str, message: str = "", applicability: Applicability = Applicability.SAFE
) -> Fix:
    """Write another text in a span's place."""
    said = message or f"replace `{span.text}` by `{text}`"
    return Fix(said, (Edit(span, text),), applicability)


def replace_number(place: Origin, before: int | None, after: int) -> Fix | None:
    """Write another number; None where the config says it in another way, or there is no text."""
    if not isinstance(place, Span) or place.text != str(before):
        return None
    return replace(place, str(after), applicability=Applicability.UNSAFE)


def rename(
    use: LayerUse, substitute: Substitute, applicability: Applicability = Applicability.SAFE
) -> Fix | None:
    """Use another layer, with the same arguments; None where the layout is not plain.

    Args:
        use: The layer.
        substitute: The other one.
        applicability: How far the fix may be trusted.
    """
    name, only = substitute.kind, substitute.only
    added = {key: value for key, value in substitute.defaults if key not in use.fields}
    without = tuple(
        key
        for key in use.fields
        if (only and key not in only) or (not_here(key) and key not in LAYERS[name].model_fields)
    )
    edits: list[Edit | None] = []
    if isinstance(use.origin, Span):
        whole = use.whole
        if isinstance(whole, Span) and whole.text == use.kind and added:
            arguments = ", ".join(f"{key}: {value}" for key, value in added.items())
            edits = [Edit(whole, f"{name}: {{{arguments}}}")]
        else:
            edits = [Edit(use.origin, name) if use.origin.text == use.kind else None]
            if added:
                edits.append(add_arguments(use, *(f"{key}: {value}" for key, value in added.items())))
            edits += [remove_argument(use, key) for key in without]
    rewrite = Rewrite(name, tuple(added.items()), without)
    return _layer_fix(f"replace `{use.kind}` by `{name}`", edits, applicability, rewrite)


def replace_layer(use: LayerUse, layer: str) -> Fix | None:
    """Use another layer, without arguments; None where the layout is not plain."""
    edits: list[Edit | None] = []
    if isinstance(use.whole, Span):
        whole = use.whole.text
        plain = whole == use.kind or (whole.startswith(use.kind) and whole.endswith("}"))
        edits = [Edit(use.whole, layer) if plain else None]
    message = f"replace `{use.kind}` by `{layer}`"
    return _layer_fix(message, edits, Applicability.UNSAFE, Rewrite(layer, bare=True))


def set_sizes(use: LayerUse, name: str, before: tuple[int, ...], after: tuple[int, ...]) -> Fix | None:
    """Give an argument of a layer other sizes, one for each dimension."""
    place, written = use.place(name), sizes(after)
    edits = [Edit(place, written)] if isinstance(place, Span) else []
    said = place.text if isinstance(place, Span) else sizes(before)
    rewrite = Rewrite(arguments=((name, after if len(set(after)) > 1 else after[0]),))
    return _layer_fix(f"replace `{said}` by `{written}`", edits, Applicability.UNSAFE, rewrite)


def sizes(values: tuple[int, ...]) -> str:
    """Sizes as one writes them: one number where all are equal."""
    return str(values[0]) if len(set(values)) == 1 else f"[{', '.join(map(str, values))}]"


def _layer_fix(
    message: str, edits: Sequence[Edit | None], applicability: Applicability, rewrite: Rewrite
) -> LayerFix | None:
    """The fix of a layer; None where one of its edits cannot be made, or two of them touch one place."""
    made = tuple(edit for edit in edits if edit is not None)
    spans = sorted((edit.span.start, edit.span.end) for edit in made)
    if len(made) < len(edits) or any(after[0] < before[1] for before, after in pairwise(spans)):
        return None
    return LayerFix(message, made, applicability, rewrite)


def add_arguments(use: LayerUse, *arguments: str) -> Edit | None:
    """Add texts `key: value` after a layer's arguments; None where their layout is not plain."""
    whole, origin = use.whole, use.origin
    if not isinstance(whole, Span) or not isinstance(origin, Span) or whole.source is not origin.source:
        return None
    text = whole.text
    if not text.startswith(use.kind):
        return None
    if text.endswith("}"):
        separator = "" if text.rstrip("}").rstrip().endswith("{") else ", "
        return Edit(Span(whole.source, whole.end - 1, whole.end - 1), f"{separator}{', '.join(arguments)}")
    lines = text.splitlines()
    if len(lines) < 2 or not lines[0].rstrip().endswith(":"):
        return None
    indent = re.match(r"[ ]*", lines[1])
    assert indent is not None
    added = "".join(f"\n{indent.group()}{argument}" for argument in arguments)
    return Edit(Span(whole.source, whole.end, whole.end), added)


def remove(use: LayerUse, applicability: Applicability = Applicability.SAFE) -> Fix | None:
    """Take a layer out of its list; None where the list's layout is not plain."""
    edits = [_removal(use.whole)] if isinstance(use.whole, Span) else []
    return _layer_fix(f"remove `{use.kind}`", edits, applicability, Rewrite(removed=True))


def _removal(whole: Span) -> Edit | None:
    source, start, end = whole.source, whole.start, whole.end
    text = source.text
    line, _ = source.position(start)
    begin = source.line_start(line)
    if re.fullmatch(_DASH, text[begin:start]):
        last, _ = source.position(end)
        if re.fullmatch(_REST, text[end : source.line_end(last)]) is None or not _has_siblings(whole):
            return None
        stop = source.line_start(last + 1) if last < source.line_count else len(text)
        return Edit(Span(source, begin, stop), "")
    after = re.compile(r"\s*,[ \t]*").match(text, end)
    if after is not None:
        return Edit(Span(source, start, after.end()), "")
    before = text[:start].rstrip()
    if before.endswith(",") and text[end : end + 20].lstrip()[:1] == "]":
        return Edit(Span(source, len(before) - 1, end), "")
    return None


def _has_siblings(whole: Span) -> bool:
    """Whether the list of a layer on a line of its own holds another item."""
    source = whole.source
    first, column = source.position(whole.start)
    last, _ = source.position(whole.end)
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
    """Put a layer without arguments before another; None where the list's layout is not plain, or there is none."""
    if not isinstance(use.whole, Span):
        return None
    source, start = use.whole.source, use.whole.start
    begin = source.line_start(source.position(start)[0])
    head = source.text[begin:start]
    if re.fullmatch(_DASH, head):
        place, added = begin, f"{head}{layer}\n"
    elif head.rstrip().endswith(("[", ",")):
        place, added = start, f"{layer}, "
    else:
        return None
    edit = Edit(Span(source, place, place), added)
    return Fix(f"put a `{layer}` before it", (edit,), Applicability.UNSAFE)


def activation_as_layer(use: LayerUse, layer: str) -> Fix | None:
    """Take the `activation` of a layer away and put a layer after it; None where the layout is not plain."""
    place = use.fields["activation"]
    edits = (
        [remove_argument(use, "activation"), _after(use.whole, layer)] if isinstance(use.whole, Span) else []
    )
    name = place.text if isinstance(place, Span) else getattr(use.spec, "activation", "")
    message = f"replace `activation: {name}` by a `{layer}` after it"
    rewrite = Rewrite(without=("activation",), after=layer)
    return _layer_fix(message, edits, Applicability.UNSAFE, rewrite)


def remove_argument(use: LayerUse, name: str) -> Edit | None:
    """Take an argument of a layer away; None where it is the only one, or its layout is not plain."""
    value, whole = use.fields.get(name), use.whole
    if not isinstance(value, Span) or not isinstance(whole, Span) or len(use.fields) < 2:
        return None
    source, text = value.source, value.source.text
    if source is not whole.source:
        return None
    key = re.search(rf"(?<![\w.-]){re.escape(name)}[ \t]*:[ \t]*$", text[whole.start : value.start])
    if key is None:
        return None
    start = whole.start + key.start()
    before = re.search(r",\s*$", text[whole.start : start])
    after = re.match(r"\s*,[ \t]*", text[value.end : whole.end])
    if before is not None:
        return Edit(Span(source, whole.start + before.start(), value.end), "")
    if after is not None:
        return Edit(Span(source, start, value.end + after.end()), "")
    number, _ = source.position(start)
    begin, end = source.line_start(number), source.line_end(number)
    if text[begin:start].strip() or re.fullmatch(_REST, text[value.end : end]) is None or value.end > end:
        return None
    # Its line goes, and with it the line break before it.
    return Edit(Span(source, source.line_end(number - 1) if number > 1 else begin, end), "")


def _after(whole: Span, layer: str) -> Edit | None:
    """Another layer after a layer of a list."""
    source, start, end = whole.source, whole.start, whole.end
    first, _ = source.position(start)
    head = source.text[source.line_start(first) : start]
    if re.fullmatch(_DASH, head):
        last, _ = source.position(end)
        stop = source.line_end(last)
        if re.fullmatch(_REST, source.text[end:stop]) is None:
            return None
        return Edit(Span(source, stop, stop), f"\n{head}{layer}")
    # In a list on one line.
    if head.rstrip().endswith(("[", ",")) and re.match(r"\s*[,\]]", source.text[end:]):
        return Edit(Span(source, end, end), f", {layer}")
    return None
