"""`${path}`: a value used twice is written once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import field
from itertools import islice

from lipbuild.frozen import dataclass
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode
from lipbuild.text.parse import MAX_DEPTH, MAX_NODES
from lipbuild.text.path import Path, format_path, parse_path
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

# A reference inside the path of another: `${a.${b}}`.
_NESTED = r"(?<!\$)(?P<outer>\$\{[^{}]*?)\$\{(?P<path>[^{}]*)\}"
_REFERENCE = r"\$(?:\$\{|\{(?P<path>[^{}]*)\})"

# Forty texts that each hold the one before twice would be a million million characters.
_MAX_TEXT = 100_000

# A variable of a variable of a variable …; and how many levels are open at once while they are followed.
_MAX_CHAIN = 30
_MAX_LEVELS = 150


# So many paths are compared with one that leads nowhere.
_MAX_PATHS = 2000


class _Unresolved(Exception):
    """A reference that has been reported; what holds it is left as it was written."""


@dataclass(frozen=True)
class Substituted:
    """A tree without references.

    Attributes:
        root: The tree. What could not be resolved is left as it was written.
        problems: Why.
        spoiled: Where it stands: what is wrong with such a value follows from that.
    """

    root: TextNode
    problems: tuple[Problem, ...]
    spoiled: tuple[Span, ...]


def substitute(root: TextNode) -> Substituted:
    """The tree with every `${a.b[0].c}` replaced by the value at that path of the same config.

    A scalar that is nothing but a reference takes the value whole, whatever its type; within other text a
    reference takes a scalar and becomes part of the text. `$${` stands for the characters `${`.
    """
    resolver = _Resolver(root)
    node = resolver.node(root)
    return Substituted(node, tuple(resolver.problems), tuple(resolver.spoiled))


def _paths(node: TextNode, prefix: str, span: Span) -> Iterator[str]:
    """The path of every key of a tree whose value does not hold a place: that would be a circle."""
    if isinstance(node, Mapping):
        for entry in node:
            path, value = f"{prefix}{entry.name}", entry.value.span
            if not (value.source is span.source and value.start <= span.start and span.end <= value.end):
                yield path
            yield from _paths(entry.value, f"{path}.", span)


@dataclasses.dataclass
class _Resolver:
    root: TextNode
    problems: list[Problem] = field(default_factory=list)
    spoiled: list[Span] = field(default_factory=list)
    resolving: list[Path] = field(default_factory=list)
    resolved: dict[Path, TextNode] = field(default_factory=dict)
    circles: set[frozenset[Path]] = field(default_factory=set)
    count: int = 0
    depth: int = 0

    def node(self, node: TextNode) -> TextNode:
        if isinstance(node, Scalar):
            try:
                return self.scalar(node)
            except _Unresolved:
                self.spoiled.append(node.span)
                return node
        if self.depth >= _MAX_LEVELS:
            raise self.too_deep(node.span)
        self.depth += 1
        try:
            if isinstance(node, Sequence):
                return Sequence(tuple(self.node(item) for item in node.items), node.span)
            return Mapping(tuple(Entry(e.key, self.node(e.value)) for e in node.entries), node.span)
        finally:
            self.depth -= 1

    def scalar(self, node: Scalar) -> TextNode:
        text = node.value
        if not isinstance(text, str) or "${" not in text:
            return node
        text = self.inner(node, text)
        whole = re.fullmatch(_REFERENCE, text)
        if whole is not None and whole["path"] is not None:
            span = self.part(node, whole.group())
            return self.pointing(self.value(whole["path"], span), node.span, 0)
        pieces: list[str] = []
        last = 0
        for match in re.finditer(_REFERENCE, text):
            pieces.append(self.literal(node, text[last : match.start()]))
            last = match.end()
            if match["path"] is None:
                pieces.append("${")
                continue
            span = self.part(node, match.group())
            value = self.value(match["path"], span)
            if not isinstance(value, Scalar):
                raise self.report(f"`{match.group()}` is a collection, and text cannot hold one", span)
            pieces.append(value.value if isinstance(value.value, str) else value.span.text)
            if sum(map(len, pieces)) > _MAX_TEXT:
                raise self.oversized(f"this text has more than {_MAX_TEXT:,} characters", node.span)
        pieces.append(self.literal(node, text[last:]))
        return Scalar("".join(pieces), node.span, quoted=True)

    def inner(self, node: Scalar, text: str) -> str:
        """A text whose references have no others inside their paths: those are resolved first."""

        def step(match: re.Match[str]) -> str:
            reference = match[0][len(match["outer"]) :]
            value = self.value(match["path"], self.part(node, reference))
            found = (
                (value.value if isinstance(value.value, str) else value.span.text)
                if isinstance(value, Scalar)
                else None
            )
            if found is None or not set("${}").isdisjoint(found):
                raise self.report(
                    f"`{reference}` is not part of a path",
                    self.part(node, reference),
                    "it has to be the name of a key",
                )
            return match["outer"] + found

        while re.search(_NESTED, text) is not None:
            text = re.sub(_NESTED, step, text)
            if len(text) > _MAX_TEXT:
                raise self.oversized(f"this text has more than {_MAX_TEXT:,} characters", node.span)
        return text

    def literal(self, node: Scalar, text: str) -> str:
        """What stands between references.

        Raises:
            _Unresolved: A reference begins in it, and does not end.
        """
        if "${" in text:
            raise self.report(
                "a `${` is not closed by `}`", self.part(node, "${"), "write `$${` for the characters `${`"
            )
        return text

    def part(self, node: Scalar, reference: str) -> Span:
        """The place of a reference within its scalar."""
        offset = node.span.text.find(reference)
        if offset < 0:
            return node.span
        start = node.span.start + offset
        return Span(node.span.source, start, start + len(reference))

    def value(self, text: str, span: Span) -> TextNode:
        """What stands at a path, without references."""
        path = parse_path(text.strip())
        if path is None:
            raise self.report(f"`${{{text}}}` is not a path", span, help="write it like `${train.epochs}`")
        if path in self.resolved:
            return self.resolved[path]
        if path in self.resolving:
            circle = self.resolving[self.resolving.index(path) :]
            # Each of a circle's variables leads into it: one report.
            if frozenset(circle) in self.circles:
                raise _Unresolved
            self.circles.add(frozenset(circle))
            chain = " → ".join(format_path(p) for p in [*circle, path])
            raise self.report(f"`${{{text}}}` leads back to itself: {chain}", span)
        if len(self.resolving) >= _MAX_CHAIN:
            raise self.report(f"`${{{text}}}` stands at the end of a chain of {_MAX_CHAIN} others", span)
        self.resolving.append(path)
        try:
            found = self.find(path)
            if found is None:
                raise self.unknown(text, span)
            value = self.scalar(found) if isinstance(found, Scalar) else self.node(found)
        finally:
            self.resolving.pop()
        self.resolved[path] = value
        return value

    def find(self, path: Path) -> TextNode | None:
        node: TextNode | None = self.root
        for step in path:
            if isinstance(node, Scalar):
                # A reference to a collection, of which a part is wanted.
                node = self.scalar(node)
            if isinstance(step, int):
                in_range = isinstance(node, Sequence) and step < len(node.items)
                node = node.items[step] if in_range and isinstance(node, Sequence) else None
            else:
                node = node.get(step) if isinstance(node, Mapping) else None
            if node is None:
                return None
        return node

    def pointing(self, node: TextNode, span: Span, depth: int) -> TextNode:
        """A value as it is seen where it is used: a message about it points there."""
        self.count += 1
        if self.count > MAX_NODES:
            raise self.oversized(
                f"this config has more than {MAX_NODES:,} values once its variables are put in", span
            )
        if depth > MAX_DEPTH:
            raise self.too_deep(span)
        if isinstance(node, Scalar):
            return Scalar(node.value, span, node.quoted)
        if isinstance(node, Sequence):
            return Sequence(tuple(self.pointing(item, span, depth + 1) for item in node.items), span)
        return Mapping(
            tuple(Entry(e.key, self.pointing(e.value, span, depth + 1)) for e in node.entries), span
        )

    def unknown(self, text: str, span: Span) -> _Unresolved:
        """The problem of a reference to nothing, with the path that is most like it."""
        name = text.strip()
        paths = list(islice(_paths(self.root, "", span), _MAX_PATHS))
        last = name.rpartition(".")[2]
        alike = [path for path in paths if path.rpartition(".")[2] == last]
        near = alike[0] if alike else nearest(name, paths) or nearest(f"variables.{name}", paths)
        fix = None
        if near is not None and span.text == f"${{{text}}}":
            fix = Fix(f"write `${{{near}}}`", (Edit(span, f"${{{near}}}"),), Applicability.UNSAFE)
        problem = Problem(
            "unresolved-variables",
            f"`${{{text}}}` names nothing in this config",
            span,
            help=f"there is a similar path: `${{{near}}}`"
            if near is not None
            else "a reference is the path of a key in the same config, like `${variables.width}`",
            fix=fix,
        )
        return self.reported(problem)

    def report(self, message: str, span: Span, help: str = "") -> _Unresolved:
        return self.reported(Problem("unresolved-variables", message, span, help=help))

    def oversized(self, message: str, span: Span) -> _Unresolved:
        return self.reported(Problem("oversized-expansion", message, span))

    def too_deep(self, span: Span) -> _Unresolved:
        message = f"values are nested more than {MAX_DEPTH} levels deep once variables are put in"
        return self.reported(Problem("excessive-depth", message, span))

    def reported(self, problem: Problem) -> _Unresolved:
        if problem not in self.problems:
            self.problems.append(problem)
        return _Unresolved()
