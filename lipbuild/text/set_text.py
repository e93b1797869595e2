"""`path=value` written into the text of a config itself, so that comments and layout survive."""

from __future__ import annotations

from lipbuild.text.edit import Edit, apply_edits
from lipbuild.text.merge import is_choice
from lipbuild.text.nodes import Mapping, Scalar, Sequence, TextNode
from lipbuild.text.overrides import choice_of
from lipbuild.text.parse import parse
from lipbuild.text.path import Path
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText


def set_text(source: SourceText, path: Path, value: str) -> SourceText | None:
    """The text with another value at a path; None where there is no place for it that is plain to see.

    What stands there is replaced, and a key that is left out is added after the last one beside it. Whoever calls this
    reads the result again: an anchor that several places share gives the value to all of them.

    Args:
        source: The text.
        path: The path, as `--set` has it.
        value: The value as YAML on one line, as it may stand in a list in brackets.
    """
    node: TextNode | None = parse(source).root
    done: Path = ()
    while node is not None and len(done) < len(path):
        step = path[len(done)]
        rest = path[len(done) :]
        named = choice_of(node, step, done) if isinstance(step, str) else None
        if named is not None and isinstance(named.value, Scalar):
            return _edited(source, node.span, f"{{{named.name}: {_nested(rest, value)}}}")
        if named is not None:
            node = named.value
        if isinstance(step, int):
            if not isinstance(node, Sequence) or step >= len(node.items):
                return None
            node = node.items[step]
        elif isinstance(node, Scalar):
            # Nothing yet, or a bare name that is given its argument.
            return _edited(source, node.span, _nested(rest, value)) if node.value in (None, step) else None
        elif isinstance(node, Mapping):
            found = node.get(step)
            if found is None:
                if is_choice(node) and step[:1].isupper():
                    return _edited(source, node.span, _nested(rest, value))
                return _added(source, node, rest, value)
            node = found
        else:
            return None
        done = (*done, step)
    return _edited(source, node.span, value) if node is not None else None


def _nested(path: Path, value: str) -> str | None:
    """`{a: {b: value}}`; None where a step is a position in a list."""
    for step in reversed(path):
        if isinstance(step, int):
            return None
        value = f"{{{step}: {value}}}"
    return value


def _edited(source: SourceText, span: Span, value: str | None) -> SourceText | None:
    """The text with a value in a span's place; white space at its end stays."""
    length = len(span.text.rstrip())
    if value is None or not length or span.source is not source:
        return None
    edit = Edit(Span(source, span.start, span.start + length), value)
    return SourceText(source.name, apply_edits(source.text, [edit]), source.path)


def _added(source: SourceText, node: Mapping, path: Path, value: str) -> SourceText | None:
    """The text with another key in a mapping."""
    nested = _nested(path[1:], value)
    if nested is None or not node.entries or node.span.source is not source:
        return None
    text = node.span.text.rstrip()
    if text.startswith("{"):
        at, added = node.span.start + len(text) - 1, f", {path[0]}: {nested}"
    else:
        line, _ = source.position(node.span.start + len(text))
        _, column = source.position(node.entries[0].key.span.start)
        at, added = source.line_end(line), f"\n{' ' * (column - 1)}{path[0]}: {nested}"
    return SourceText(source.name, apply_edits(source.text, [Edit(Span(source, at, at), added)]), source.path)
