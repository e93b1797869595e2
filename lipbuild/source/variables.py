"""`${path}`: a value used twice is written once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lipbuild.source.nodes import Entry, Mapping, Node, Scalar, Sequence
from lipbuild.source.path import Path, format_path, parse_path
from lipbuild.source.problem import Problem
from lipbuild.source.span import Span

_REFERENCE = re.compile(r"\$(?:\$\{|\{(?P<path>[^{}]*)\})")


class _Unresolved(Exception):
    """A reference that has been reported; what holds it is left as it was written."""


def substitute(root: Node) -> tuple[Node, tuple[Problem, ...]]:
    """The tree with every `${a.b[0].c}` replaced by the value at that path of the same config.

    A scalar that is nothing but a reference takes the value whole, whatever its type; within other text a
    reference takes a scalar and becomes part of the text. `$${` stands for the characters `${`.
    """
    resolver = _Resolver(root)
    return resolver.node(root), tuple(resolver.problems)


@dataclass
class _Resolver:
    root: Node
    problems: list[Problem] = field(default_factory=list)
    resolving: list[Path] = field(default_factory=list)

    def node(self, node: Node) -> Node:
        if isinstance(node, Scalar):
            try:
                return self.scalar(node)
            except _Unresolved:
                return node
        if isinstance(node, Sequence):
            return Sequence(tuple(self.node(item) for item in node.items), node.span)
        return Mapping(tuple(Entry(e.key, self.node(e.value)) for e in node.entries), node.span)

    def scalar(self, node: Scalar) -> Node:
        text = node.value
        if not isinstance(text, str) or "${" not in text:
            return node
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and whole["path"] is not None:
            value = self.value(whole["path"], self.part(node, whole.group()))
            return _pointing(value, node.span)
        pieces: list[str] = []
        last = 0
        for match in _REFERENCE.finditer(text):
            pieces.append(text[last : match.start()])
            last = match.end()
            if match["path"] is None:
                pieces.append("${")
                continue
            span = self.part(node, match.group())
            value = self.value(match["path"], span)
            if not isinstance(value, Scalar):
                raise self.report(f"`{match.group()}` is a collection, and text cannot hold one", span)
            pieces.append(value.value if isinstance(value.value, str) else value.span.text)
        pieces.append(text[last:])
        return Scalar("".join(pieces), node.span, quoted=True)

    def part(self, node: Scalar, reference: str) -> Span:
        """The place of a reference within its scalar."""
        offset = node.span.text.find(reference)
        if offset < 0:
            return node.span
        start = node.span.start + offset
        return Span(node.span.source, start, start + len(reference))

    def value(self, text: str, span: Span) -> Node:
        path = parse_path(text.strip())
        if path is None:
            raise self.report(f"`${{{text}}}` is not a path", span, help="write it like `${train.epochs}`")
        if path in self.resolving:
            chain = " → ".join(format_path(p) for p in [*self.resolving, path])
            raise self.report(f"`${{{text}}}` leads back to itself: {chain}", span)
        found = self.find(path)
        if found is None:
            raise self.report(
                f"`${{{text}}}` names nothing in this config",
                span,
                help="a reference is the path of a key in the same config, like `${variables.width}`",
            )
        self.resolving.append(path)
        try:
            if isinstance(found, Scalar):
                return self.scalar(found)
            return self.node(found)
        finally:
            self.resolving.pop()

    def find(self, path: Path) -> Node | None:
        node: Node | None = self.root
        for step in path:
            if isinstance(step, int):
                in_range = isinstance(node, Sequence) and step < len(node.items)
                node = node.items[step] if in_range and isinstance(node, Sequence) else None
            else:
                node = node.get(step) if isinstance(node, Mapping) else None
            if node is None:
                return None
        return node

    def report(self, message: str, span: Span, help: str = "") -> _Unresolved:
        problem = Problem("unresolved-variables", message, span, help=help)
        if problem not in self.problems:
            self.problems.append(problem)
        return _Unresolved()


def _pointing(node: Node, span: Span) -> Node:
    """A value as it is seen where it is used: a message about it points there."""
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.quoted)
    if isinstance(node, Sequence):
        return Sequence(tuple(_pointing(item, span) for item in node.items), span)
    return Mapping(tuple(Entry(e.key, _pointing(e.value, span)) for e in node.entries), span)
