"""Tables of FlatBuffers, each offset of which is checked: https://flatbuffers.dev/internals."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from lipbuild.verifier.errors import UnreadableError


class Table:
    """A table, whose fields are read by their numbers.

    Args:
        content: All of the file.
        place: Where the table stands.

    Raises:
        UnreadableError: If there is none.
    """

    def __init__(self, content: memoryview, place: int) -> None:
        self._content = content
        self._place = place
        self._fields = place - _number(content, place, "i")
        length = _number(content, self._fields, "H")
        if length < 4 or length % 2:
            raise UnreadableError("a table has no list of fields")
        self._count = length // 2 - 2

    @classmethod
    def root(cls, content: memoryview) -> Table:
        """The table that a file begins with."""
        return cls(content, _number(content, 0, "I"))

    @property
    def present(self) -> set[int]:
        """The fields that are there."""
        return {field for field in range(self._count) if self._at(field) is not None}

    def number(self, field: int, kind: str, default: float = 0) -> int:
        """A whole number of a type as `struct` names it.

        Raises:
            UnreadableError: If it lies outside of the file.
        """
        place = self._at(field)
        return int(default if place is None else _number(self._content, place, kind))

    def real(self, field: int, default: float = 0.0) -> float:
        """A float32."""
        place = self._at(field)
        return default if place is None else float(_number(self._content, place, "f"))

    def table(self, field: int) -> Table | None:
        """A table; None where there is none."""
        place = self._at(field)
        return None if place is None else Table(self._content, self._jump(place))

    def tables(self, field: int) -> list[Table]:
        """A list of tables."""
        start, count = self._vector(field, 4)
        return [Table(self._content, self._jump(start + 4 * i)) for i in range(count)]

    def array(self, field: int, dtype: str) -> NDArray[np.generic]:
        """A list of numbers."""
        kind = np.dtype(dtype).newbyteorder("<")
        start, count = self._vector(field, kind.itemsize)
        return np.frombuffer(self._content, kind, count, start) if count else np.zeros(0, kind)

    def content(self, field: int) -> memoryview:
        """A list of bytes."""
        start, count = self._vector(field, 1)
        return self._content[start : start + count]

    def text(self, field: int) -> str:
        """A text; empty where there is none."""
        try:
            return bytes(self.content(field)).decode("utf-8")
        except UnicodeDecodeError:
            raise UnreadableError("a text is no UTF-8") from None

    def _at(self, field: int) -> int | None:
        if field >= self._count:
            return None
        offset = _number(self._content, self._fields + 4 + 2 * field, "H")
        return self._place + offset if offset else None

    def _jump(self, place: int) -> int:
        return place + int(_number(self._content, place, "I"))

    def _vector(self, field: int, size: int) -> tuple[int, int]:
        place = self._at(field)
        if place is None:
            return 0, 0
        start = self._jump(place)
        count = int(_number(self._content, start, "I"))
        if count * size > len(self._content) - start - 4:
            raise UnreadableError("a list is longer than the file")
        return start + 4, count


def _number(content: memoryview, place: int, kind: str) -> int:
    size = struct.calcsize(f"<{kind}")
    if not 0 <= place <= len(content) - size:
        raise UnreadableError("an offset leads out of the file")
    found: int = struct.unpack_from(f"<{kind}", content, place)[0]
    return found
