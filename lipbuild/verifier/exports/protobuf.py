"""Messages of Protocol Buffers, read by the numbers of their fields: https://protobuf.dev/programming-guides/encoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lipbuild.verifier.errors import UnreadableError

# A number, or the bytes of a string, a message or packed numbers.
Value = int | memoryview

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# More than any message here has; each takes two bytes at least.
_MOST_FIELDS = 2**22


class Message:
    """The fields of one message; those within it are read when they are asked for.

    Args:
        content: Its bytes.

    Raises:
        UnreadableError: If they are no message.
    """

    def __init__(self, content: memoryview) -> None:
        self._fields: dict[int, list[Value]] = {}
        for i, (number, value) in enumerate(_fields(content)):
            if i >= _MOST_FIELDS:
                raise UnreadableError("a message has too many fields")
            self._fields.setdefault(number, []).append(value)

    @property
    def present(self) -> set[int]:
        """The numbers of the fields that are there."""
        return set(self._fields)

    def wholes(self, number: int) -> list[int]:
        """A repeated whole number, packed or not, as a signed one of 64 bits."""
        found: list[int] = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(value)
            else:
                found += _varints(value)
        return [value - 2**64 if value >= 2**63 else value for value in found]

    def whole(self, number: int, default: int = 0) -> int:
        """A whole number."""
        found = self.wholes(number)
        # The last counts, as in every reader; two are in no file that is written by one.
        if len(found) > 1:
            raise UnreadableError(f"the field {number} stands twice in a message")
        return found[0] if found else default

    def floats(self, number: int) -> list[float]:
        """A repeated float32."""
        found: list[float] = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(struct.unpack("<f", value.to_bytes(8, "little")[:4])[0])
            elif len(value) % 4:
                raise UnreadableError("packed numbers are cut off")
            else:
                found += struct.unpack(f"<{len(value) // 4}f", value)
        return found

    def contents(self, number: int) -> list[memoryview]:
        """A repeated field of bytes."""
        found = self._fields.get(number, [])
        if any(isinstance(value, int) for value in found):
            raise UnreadableError(f"the field {number} of a message is a number")
        return [value for value in found if not isinstance(value, int)]

    def content(self, number: int) -> memoryview:
        """A field of bytes; empty where it is missing."""
        found = self.contents(number)
        if len(found) > 1:
            raise UnreadableError(f"the field {number} stands twice in a message")
        return found[0] if found else memoryview(b"")

    def texts(self, number: int) -> list[str]:
        """A repeated text."""
        return [text_of(value) for value in self.contents(number)]

    def text(self, number: int) -> str:
        """A text; empty where it is missing."""
        return text_of(self.content(number))

    def messages(self, number: int) -> list[Message]:
        """A repeated message."""
        return [Message(value) for value in self.contents(number)]

    def message(self, number: int) -> Message:
        """A message; one without fields where it is missing."""
        return Message(self.content(number))


def text_of(value: memoryview) -> str:
    """A text.

    Raises:
        UnreadableError: If it is no UTF-8.
    """
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError("a text is no UTF-8") from None


def _fields(content: memoryview) -> Iterator[tuple[int, Value]]:
    place = 0
    while place < len(content):
        key, place = varint(content, place)
        number, kind = key >> 3, key & 7
        if not 0 < number < 2**29:
            raise UnreadableError(f"a message has a field of the number {number}")
        if kind == _VARINT:
            value, place = varint(content, place)
            yield number, value
            continue
        if kind == _BYTES:
            length, place = varint(content, place)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise UnreadableError(f"a message has a field of the wire type {kind}")
        if length > len(content) - place:
            raise UnreadableError("a message is cut off")
        taken = content[place : place + length]
        yield number, taken if kind == _BYTES else int.from_bytes(taken, "little")
        place += length


def varint(content: memoryview, place: int) -> tuple[int, int]:
    """A whole number of several bytes, and where it ends.

    Raises:
        UnreadableError: If it does not.
    """
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), place
    raise UnreadableError("a message has a number that does not end")


def _varints(content: memoryview) -> list[int]:
    found, place = [], 0
    while place < len(content):
        value, place = varint(content, place)
        found.append(value)
    return found
