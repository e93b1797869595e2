"""A text that was written from values: its tree is made of them, and is not read out of the text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from lipbuild.text.nodes import Entry, Mapping, PlainValue, Scalar, ScalarValue, Sequence, TextNode
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# Between which offsets a key, a value without parts or a bracket was written, blanks before it included; of a list or
# mapping without brackets both are the one after which it begins.
Mark = tuple[int, int]


class WrittenText(SourceText):
    """A text that only shows values: a message about one points to where it is written.

    Attributes:
        root: The values as a tree, each node at the place that a parser of the text would give it.
    """

    root: TextNode

    def __init__(self, name: str, text: str, value: PlainValue, marks: Iterable[Mark]) -> None:
        """Make the tree.

        Args:
            name: What the text is called in messages.
            text: Its characters.
            value: The value that was written.
            marks: Where its parts were written, in the order of the text.
        """
        super().__init__(name, text)
        object.__setattr__(self, "root", self._node(value, deque(marks)))

    def _node(self, value: PlainValue, marks: deque[Mark]) -> TextNode:
        if not isinstance(value, (list, dict)):
            return self._scalar(value, marks)
        opening = self._span(marks)
        parts: list[TextNode]
        if isinstance(value, list):
            parts = [self._node(item, marks) for item in value]
            return Sequence(tuple(parts), self._closed(opening, parts, marks))
        entries = [Entry(self._scalar(key, marks), self._node(item, marks)) for key, item in value.items()]
        parts = [entry.value for entry in entries]
        return Mapping(tuple(entries), self._closed(opening, parts, marks))

    def _scalar(self, value: ScalarValue, marks: deque[Mark]) -> Scalar:
        span = self._span(marks)
        return Scalar(value, span, quoted=span.text[0] in "'\"")

    def _closed(self, opening: Span, parts: list[TextNode], marks: deque[Mark]) -> Span:
        """From where a list or mapping begins to its closing bracket, or to its last part where it has none."""
        last = self._span(marks) if opening.text else parts[-1].span
        return Span(self, opening.start, last.end)

    def _span(self, marks: deque[Mark]) -> Span:
        start, end = marks.popleft()
        while self.text[start].isspace():
            start += 1
        return Span(self, start, max(start, end))
