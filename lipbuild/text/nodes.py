"""The tree that a YAML text is read into: every node knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lipbuild.text.span import Span

ScalarValue = None | bool | int | float | str
PlainValue = ScalarValue | list["PlainValue"] | dict[str, "PlainValue"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts: text, a number, a truth value or nothing.

    `quoted` tells text in quotation marks or blocks, which is never anything but text.
    """

    value: ScalarValue
    span: Span
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[TextNode, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and its value."""

    key: Scalar
    value: TextNode

    @property
    def name(self) -> str:
        """The key as text, as the user wrote it."""
        return self.key.value if isinstance(self.key.value, str) else self.key.span.text


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order of the text. Each key appears once."""

    entries: tuple[Entry, ...]
    span: Span
    _by_name: dict[str, Entry] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, name: str) -> TextNode | None:
        """The value of a key, or None."""
        entry = self.entry(name)
        return None if entry is None else entry.value

    def entry(self, name: str) -> Entry | None:
        """The entry of a key, or None."""
        if not self._by_name:
            for entry in self.entries:
                self._by_name.setdefault(entry.name, entry)
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


TextNode = Scalar | Sequence | Mapping


def plain(node: TextNode) -> PlainValue:
    """The node as Python values: dict, list, str, int, float, bool, None."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {entry.name: plain(entry.value) for entry in node.entries}


def height(node: TextNode) -> int:
    """How many levels of lists and mappings a node holds: 0 for a scalar."""
    if isinstance(node, Scalar):
        return 0
    parts = node.items if isinstance(node, Sequence) else [entry.value for entry in node.entries]
    return 1 + max((height(part) for part in parts), default=0)


def kind(node: TextNode) -> str:
    """What a node is, in words for a message."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number"
    return "text"
