from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Code:
    """Lines of C, indented by the blocks that they stand in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 0

    def line(self, text: str = "") -> None:
        """One line."""
        self.lines.append("    " * self._depth + text if text else "")

    @contextmanager
    def block(self, head: str, tail: str = "}") -> Iterator[None]:
        """What stands between `head {` and `}`."""
        self.line(f"{head} {{" if head else "{")
        self._depth += 1
        yield
        self._depth -= 1
        self.line(tail)

    @contextmanager
    def loop(self, name: str, count: int) -> Iterator[str]:
        """A loop from 0 to a fixed count; what happens once needs none.

        Yields:
            The index as an expression.
        """
        if count == 1:
            yield "0"
            return
        with self.block(f"for (int32_t {name} = 0; {name} < {count}; ++{name})"):
            yield name

    @contextmanager
    def between(self, name: str, first: str, past: str) -> Iterator[str]:
        """A loop from one index to another, which are expressions."""
        with self.block(f"for (int32_t {name} = {first}; {name} < {past}; ++{name})"):
            yield name

    @contextmanager
    def loops(self, prefix: str, counts: Sequence[int]) -> Iterator[list[str]]:
        """Loops within each other."""
        if not counts:
            yield []
            return
        with (
            self.loops(prefix, counts[:-1]) as outer,
            self.loop(f"{prefix}{len(counts) - 1}", counts[-1]) as inner,
        ):
            yield [*outer, inner]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines) + "\n"


def index(*terms: tuple[int, str], offset: int = 0) -> str:
    """Σ factor · expression + offset, without what is 0.

    Args:
        terms: Factors, and indices as expressions.
        offset: What is added.
    """
    parts = []
    for factor, expression in terms:
        if expression.lstrip("-").isdigit():
            offset += factor * int(expression)
        elif factor:
            name = expression if factor == 1 or expression.isidentifier() else f"({expression})"
            parts.append(name if factor == 1 else f"({factor} * {name})")
    if offset > 0 or not parts:
        parts.append(str(offset))
    text = " + ".join(parts)
    return f"{text} - {-offset}" if offset < 0 and parts != [str(offset)] else text


def strides_of(shape: Sequence[int]) -> list[int]:
    """By how much an index along each axis moves in memory."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return strides
