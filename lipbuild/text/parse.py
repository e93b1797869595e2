"""From a YAML text to a tree of nodes with spans, by PyYAML's event stream."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import field

import yaml
from yaml import events as ev

from lipbuild.frozen import dataclass
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, height
from lipbuild.text.problem import Problem, Related
from lipbuild.text.scalars import resolve
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest
from lipbuild.text.text import SourceText
from lipbuild.text.written import WrittenText

# The C parser is ten times as fast; wheels without it exist.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A tag, at the start of a value or after its anchor.
_TAG = r"(?<![^\s])![^\s,\[\]{}]*[ \t]*"

# Ten aliases of ten aliases, six levels deep, would be a million nodes; a recursive reader overflows its
# stack at some thousand levels. No network needs either.
MAX_NODES = 200_000
MAX_DEPTH = 100


_RESOLVED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))


@dataclass(frozen=True)
class Parsed:
    """The result of parsing a text: its root node (None if nothing of it can be used) and its problems."""

    root: TextNode | None
    problems: tuple[Problem, ...]


class _Stop(Exception):
    """The text cannot be read further; the problem has been reported."""


@dataclasses.dataclass
class _Reader:
    source: SourceText
    events: Iterator[ev.Event]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, TextNode | None] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    heights: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def span(self, event: ev.Event) -> Span:
        return Span(self.source, _start(event), _end(event))

    def report(
        self, rule: str, message: str, span: Span, *, label: str = "", help: str = "", fix: Fix | None = None
    ) -> None:
        self.problems.append(Problem(rule, message, span, label=label, help=help, fix=fix))

    def stop(self, rule: str, message: str, span: Span, *, label: str = "", help: str = "") -> _Stop:
        self.report(rule, message, span, label=label, help=help)
        return _Stop()

    def too_deep(self, span: Span) -> _Stop:
        return self.stop("excessive-depth", f"values are nested more than {MAX_DEPTH} levels deep", span)

    def document(self) -> TextNode | None:
        root: TextNode | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, ev.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.stop(
                        "multiple-documents",
                        "a config is one YAML document, and here a second one starts",
                        self.span(event),
                        help="put each config in a file of its own",
                    )
                root = self.node(next(self.events), 0)
        return root

    def node(self, event: ev.Event, depth: int) -> TextNode:
        self.grow(1, depth, event)
        if isinstance(event, ev.AliasEvent):
            return self.alias(event, depth)
        assert isinstance(event, (ev.ScalarEvent, ev.SequenceStartEvent, ev.MappingStartEvent))
        if event.tag is not None and event.tag != "!":
            self.report(
                "explicit-tags",
                f"the tag `{event.tag.replace('tag:yaml.org,2002:', '!!')}` has no meaning here",
                self.span(event),
                help="remove the tag: types follow from the keys",
                fix=_without_tag(self.span(event)),
            )
        anchor = event.anchor
        if anchor is not None:
            self.anchors[anchor] = None
        before = self.count
        node: TextNode
        if isinstance(event, ev.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, ev.SequenceStartEvent):
            node = self.sequence(event, depth)
        else:
            node = self.mapping(event, depth)
        if anchor is not None:
            self.anchors[anchor] = node
            self.sizes[anchor] = self.count - before + 1
            self.heights[anchor] = height(node)
        return node

    def grow(self, count: int, depth: int, event: ev.Event) -> None:
        """Count values, and stop where there are too many or they stand too deep."""
        self.count += count
        if self.count > MAX_NODES:
            raise self.stop(
                "oversized-expansion",
                f"this text has more than {MAX_NODES:,} values once its aliases are expanded",
                self.span(event),
            )
        if depth > MAX_DEPTH:
            raise self.too_deep(self.span(event))

    def alias(self, event: ev.AliasEvent, depth: int) -> TextNode:
        name = str(event.anchor)
        span = self.span(event)
        if name not in self.anchors:
            near = nearest(name, self.anchors)
            raise self.stop(
                "unknown-aliases",
                f"the alias `*{name}` has no anchor above it",
                span,
                help=f"there is an anchor with a similar name: `&{near}`"
                if near
                else f"mark a value with `&{name}` before this line",
            )
        node = self.anchors[name]
        if node is None:
            raise self.stop(
                "recursive-aliases", f"the alias `*{name}` is inside the value that it names", span
            )
        self.grow(self.sizes[name], depth + self.heights[name], event)
        return _moved(node, span)

    def scalar(self, event: ev.ScalarEvent) -> Scalar:
        span = self.span(event)
        quoted = event.style in ("'", '"', "|", ">")
        if event.tag is not None:
            # The tag has been reported; the value is read as it asks, so that nothing else is.
            quoted = event.tag not in _RESOLVED_TAGS
        if event.anchor is not None or event.tag is not None:
            span = _without_properties(span)
        if quoted:
            return Scalar(event.value, span, quoted=True)
        return Scalar(resolve(event.value), span)

    def sequence(self, start: ev.SequenceStartEvent, depth: int) -> Sequence:
        items: list[TextNode] = []
        for event in self.events:
            if isinstance(event, ev.SequenceEndEvent):
                last = items[-1].span.end if items else _end(start)
                end = _end(event) if start.flow_style else last
                return Sequence(tuple(items), Span(self.source, _start(start), end))
            items.append(self.node(event, depth + 1))
        raise AssertionError("the parser ends every list")

    def mapping(self, start: ev.MappingStartEvent, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        merged: list[TextNode] = []
        last = _end(start)
        for event in self.events:
            if isinstance(event, ev.MappingEndEvent):
                end = _end(event) if start.flow_style else last
                # They have been reported; they are read as YAML 1.1 does, so that nothing else is.
                for other in (entry for value in merged for entry in _merged(value)):
                    entries.setdefault(other.name, other)
                return Mapping(tuple(entries.values()), Span(self.source, _start(start), end))
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            last = max(key.span.end, value.span.end)
            if not isinstance(key, Scalar):
                self.report("wrong-types", "a key is a single word, and this is a collection", key.span)
                continue
            entry = Entry(key, value)
            if entry.name == "<<" and not key.quoted:
                self.report(
                    "merge-keys",
                    "merge keys (`<<`) are not part of YAML 1.2",
                    key.span,
                    help="use `extends:` for a parent config, or `${…}` for a value used twice",
                )
                merged.append(value)
            elif entry.name in entries:
                first = Related(entries[entry.name].key.span, "first given here")
                self.problems.append(
                    Problem(
                        "duplicate-keys",
                        f"the key `{entry.name}` is given twice",
                        key.span,
                        label="given again",
                        related=(first,),
                        help="keep one of the two",
                    )
                )
            else:
                entries[entry.name] = entry
        raise AssertionError("the parser ends every mapping")


def _start(event: ev.Event) -> int:
    return event.start_mark.index if event.start_mark is not None else 0


def _end(event: ev.Event) -> int:
    return event.end_mark.index if event.end_mark is not None else 0


def _merged(node: TextNode) -> tuple[Entry, ...]:
    """The entries that a merge key brings: those of a mapping, or of each of a list of them."""
    if isinstance(node, Mapping):
        return node.entries
    items = node.items if isinstance(node, Sequence) else ()
    return tuple(entry for item in items if isinstance(item, Mapping) for entry in item.entries)


def _moved(node: TextNode, span: Span) -> TextNode:
    """The node as it is seen at an alias: a message about it points at the alias."""
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.quoted)
    if isinstance(node, Sequence):
        return Sequence(tuple(_moved(item, span) for item in node.items), span)
    return Mapping(tuple(Entry(e.key, _moved(e.value, span)) for e in node.entries), span)


def _without_tag(span: Span) -> Fix | None:
    match = re.search(_TAG, span.text)
    if match is None:
        return None
    tag = Span(span.source, span.start + match.start(), span.start + match.end())
    return Fix("remove the tag", (Edit(tag, ""),))


def _without_properties(span: Span) -> Span:
    """The span of a scalar without its `&anchor` and `!tag`, which PyYAML counts as part of it."""
    start = span.start
    text = span.source.text
    while start < span.end and text[start] in "&!":
        while start < span.end and not text[start].isspace():
            start += 1
        while start < span.end and text[start].isspace():
            start += 1
    return Span(span.source, start, span.end)


def parse(source: SourceText) -> Parsed:
    """Read a YAML text into nodes.

    Every problem is reported with its span; what can still be read is. A malformed text has no root. The tree of a
    text that was written from values is made of them.
    """
    if isinstance(source, WrittenText):
        return Parsed(source.root, ())
    reader = _Reader(source, iter(()))
    if source.text.startswith("\ufeff"):
        # The mark at a file's start is gone by now. PyYAML would strip this one and count it in no offset.
        reader.report("malformed-yaml", "a byte order mark stands only at a file's start", Span(source, 0, 1))
        return Parsed(None, tuple(reader.problems))
    try:
        reader.events = yaml.parse(source.text, Loader=LOADER)
        root = reader.document()
    except _Stop:
        root = None
    except yaml.MarkedYAMLError as error:
        root = None
        # libyaml has a limit of its own, and stops there before it has said what stands above.
        if error.problem and "nesting depth" in error.problem:
            position = error.problem_mark.index if error.problem_mark else 0
            reader.too_deep(Span(source, position, min(position + 1, len(source.text))))
        else:
            # Of use for a malformed text alone.
            from lipbuild.text.malformed import malformed

            reader.problems.append(malformed(source, error))
    except yaml.reader.ReaderError as error:
        root = None
        position = max(0, min(int(error.position), len(source.text)))
        reader.report(
            "malformed-yaml",
            f"the character U+{_code_point(error.character):04X} is not allowed in YAML",
            Span(source, position, min(position + 1, len(source.text))),
        )
    except RecursionError:
        root = None
        reader.too_deep(Span(source, 0, 0))
    return Parsed(root, tuple(reader.problems))


def _code_point(character: object) -> int:
    """PyYAML's C parser reports a number, its Python parser a character or a byte."""
    if isinstance(character, int):
        return character
    return character[0] if isinstance(character, bytes) else ord(str(character))
