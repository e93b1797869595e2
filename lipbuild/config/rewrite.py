"""Other ways to write a value, of which one may be what was meant: `8/255` as a number, `(8, 8)` as a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.nodes import Mapping, PlainValue, Scalar, Sequence, TextNode, plain
from lipbuild.text.scalars import resolve
from lipbuild.text.span import Span

_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_FRACTION = r"([0-9]+(?:\.[0-9]*)?)\s*/\s*([0-9]+(?:\.[0-9]*)?)"
_GROUPED = r"[-+]?[0-9]{1,3}([_, ][0-9]{3})+(\.[0-9]+)?|[-+]?[0-9]+(_[0-9]+)+(\.[0-9]+)?"
_PERCENT = r"([0-9]+(?:\.[0-9]*)?)\s*%"
_ITEMS = r"[^,()\[\]{}]+(,[^,()\[\]{}]+)+"
_TUPLE = r"\(([^()\[\]{}]*?),?\s*\)"
# A whole number as a float is exact up to here.
_EXACT = 1e15

Accepts = Callable[[PlainValue], bool]


def rewrite(node: TextNode, accepts: Accepts) -> tuple[Fix, str] | None:
    """The first other way to write a value that its key accepts, as a fix, and why the value is to be changed.

    Args:
        node: The value as the config has it.
        accepts: Whether the key takes another value.
    """
    for text, value, why in _ways(node):
        if text != node.span.text and accepts(value):
            # A number that is another number was hardly meant so, but who knows.
            other = isinstance(node, Scalar) and isinstance(node.value, (int, float)) and value != node.value
            applicability = (
                Applicability.UNSAFE if other and not isinstance(value, list) else Applicability.SAFE
            )
            return Fix(f"write `{text}`", (Edit(node.span, text),), applicability), why
    return None


def _ways(node: TextNode) -> Iterator[tuple[str, PlainValue, str]]:
    written = node.span.text
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, str) and written not in (value, f"'{value}'", f'"{value}"'):
            return  # It comes from a variable, an alias or a block of text.
        if isinstance(value, str):
            yield from _of_text(value)
        elif isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            yield str(int(value)), int(value), "a whole number has no point and no exponent"
        elif value is None:
            return
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and 1 < value <= 100
            and value == int(value)
        ):
            share = f"{value / 100:g}"
            yield share, resolve(share), "a share is a number between 0 and 1"
        if isinstance(value, str):
            for text, item, why in _of_text(value):
                yield f"[{text}]", [item], f"{why}, and a list stands in brackets"
    if "\n" not in written:
        yield f"[{written}]", [plain(node)], "a list stands in brackets, even of one item"


def _of_text(text: str) -> Iterator[tuple[str, PlainValue, str]]:
    bare = text.strip()
    value = resolve(bare) if bare else None
    if value is not None and not isinstance(value, str):
        yield bare, value, "in quotation marks it is text"
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            yield str(int(value)), int(value), "in quotation marks it is text"
    if bare.lower() in _TRUTH:
        word = _TRUTH[bare.lower()]
        yield word, word == "true", "YAML 1.2 knows `true` and `false` alone"
    if bare.lower() in ("true", "false"):
        yield bare.lower(), bare.lower() == "true", "YAML 1.2 knows `true` and `false` alone"
    if bare.lower() in ("none", "nil"):
        yield "null", None, "YAML writes nothing as `null`"
    fraction = re.fullmatch(_FRACTION, bare)
    if fraction is not None and float(fraction[2]) > 0:
        quotient = f"{float(fraction[1]) / float(fraction[2]):.6g}"
        yield quotient, resolve(quotient), "a config does no arithmetic"
    percent = re.fullmatch(_PERCENT, bare)
    if percent is not None:
        share = f"{float(percent[1]) / 100:g}"
        yield share, resolve(share), "a share is a number between 0 and 1"
    if re.fullmatch(_GROUPED, bare):
        digits = re.sub(r"[_, ]", "", bare)
        yield digits, resolve(digits), "digits stand without marks between them"
    if re.fullmatch(_ITEMS, bare):
        yield f"[{bare}]", [resolve(part.strip()) for part in bare.split(",")], "a list stands in brackets"
    items = re.fullmatch(_TUPLE, bare)
    if items is not None:
        parts = [part.strip() for part in items[1].split(",")] if items[1].strip() else []
        yield f"[{', '.join(parts)}]", [resolve(part) for part in parts if part], "a list stands in brackets"


def in_braces(node: TextNode, key: str, accepts: Accepts, *, as_list: bool = False) -> Fix | None:
    """`64` as `{units: 64}`, or `{radii: [64]}`, where that is what its place takes and the layout is plain."""
    written = node.span.text
    if as_list and not isinstance(node, Scalar):
        return None
    if isinstance(node, Sequence) and written.startswith("-"):
        return _above(node.span, key) if accepts(plain(node)) else None
    value = [plain(node)] if as_list else plain(node)
    if isinstance(node, Mapping) or "\n" in written or not written or not accepts(value):
        return None
    written = f"[{written}]" if as_list else written
    return Fix(f"write `{{{key}: {written}}}`", (Edit(node.span, f"{{{key}: {written}}}"),))


def _above(items: Span, key: str) -> Fix | None:
    """A list of lines as the value of a key, which stands on a line above it, as far in as its dashes."""
    source = items.source
    line, column = source.position(items.start)
    margin = source.line(line)[: column - 1]
    if margin.strip():
        return None
    edit = Edit(Span(source, items.start, items.start), f"{key}:\n{margin}")
    return Fix(f"write `{key}:` on a line above it", (edit,))


def nested(first: Span, keys: Span) -> Fix | None:
    """Keys that stand beside the name that they belong to, moved inwards: a mapping of them becomes its value.

    Args:
        first: The name.
        keys: From the first of the keys to the end of the last value.
    """
    source = first.source
    start, _ = source.position(keys.start)
    end, _ = source.position(keys.end)
    head, column = source.position(first.start)
    _, own = source.position(keys.start)
    plain_layout = start > head and own == column and not source.line(start)[: own - 1].strip()
    if not plain_layout:
        return None
    edits = [
        Edit(Span(source, source.line_start(n), source.line_start(n)), "  ")
        for n in range(start, end + 1)
        if source.line(n).strip()
    ]
    return Fix("indent them", tuple(edits))
