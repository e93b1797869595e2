from __future__ import annotations

from dataclasses import dataclass

from lipbuild.config.sweep.range import Range
from lipbuild.text.nodes import Scalar, TextNode
from lipbuild.text.path import Path
from lipbuild.text.span import Span

# Of whole numbers so many are all looked at, and of more the first ones, which tell what they are divisible by.
_ALL = 16
_FIRST = 4


@dataclass(frozen=True)
class Dimension:
    """A key of a config that a sweep varies.

    Attributes:
        path: The key's path, as it was written.
        steps: The steps of the path.
        spans: Where each of them was written.
        span: Where the path was written.
        range: The numbers that it takes; None where it takes choices.
        nodes: The choices; of a range its two ends.
        whole: Where the range or the list of choices was written.
    """

    path: str
    steps: Path
    spans: tuple[Span, ...]
    span: Span
    range: Range | None
    nodes: tuple[TextNode, ...]
    whole: Span

    @property
    def count(self) -> int | None:
        """How many values it takes; None where they lie densely."""
        return len(self.nodes) if self.range is None else self.range.count

    def samples(self) -> tuple[TextNode, ...]:
        """Values that stand for all of them, the lowest first: every choice; the ends of a range and some between."""
        if self.range is None or self.range.count is None or self.range.log:
            return self.nodes
        count = self.range.count
        chosen = range(1, count - 1) if count <= _ALL else range(1, _FIRST)
        between = tuple(Scalar(self.range.number(index), self.whole) for index in chosen)
        return (self.nodes[0], *between, self.nodes[-1])
