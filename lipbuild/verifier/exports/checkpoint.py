"""Checkpoints of TensorFlow: a table of LevelDB with the places of tensors, and a file with their numbers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.graph import Values
from lipbuild.verifier.exports.protobuf import Message, varint

_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER, _TRAILER = 48, 5
_FLOAT, _STRING = 1, 7
_LARGEST = 2**34
_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class Checkpoint:
    """The tensors of a checkpoint that lies in one file.

    Args:
        folder: The folder of its files.

    Raises:
        UnreadableError: If they are not whole.
        RefusedError: If they are of another form than TensorFlow writes.
    """

    def __init__(self, folder: Path) -> None:
        try:
            index = (folder / "variables.index").read_bytes()
            data = folder / "variables.data-00000-of-00001"
            if data.stat().st_size > _LARGEST:
                raise UnreadableError("a checkpoint has too many bytes")
            self._data = memoryview(data.read_bytes())
        except OSError as error:
            raise UnreadableError(f"a checkpoint cannot be read: {error}") from error
        self._entries = _entries(memoryview(index))
        header = Message(self._entries.pop("", memoryview(b"")))
        if header.whole(1) != 1 or header.whole(2):
            raise RefusedError("checkpoint", "lies in several files, or has big-endian numbers")

    def _place(self, key: str, kind: int) -> tuple[memoryview, list[int]]:
        if key not in self._entries:
            raise RefusedError("checkpoint", f"has no {key!r:.80}")
        entry = Message(self._entries[key])
        shape = [size.whole(1) for size in entry.message(2).messages(2)]
        start, length = entry.whole(4), entry.whole(5)
        if entry.whole(1) != kind or entry.whole(3) or entry.present & {7} or any(n < 0 for n in shape):
            raise RefusedError(key, "is of another type than is known, or lies in parts")
        if not 0 <= start <= start + length <= len(self._data):
            raise UnreadableError(f"{key!r:.80} lies outside of its file")
        return self._data[start : start + length], shape

    def tensor(self, key: str) -> Values:
        """A tensor of float32."""
        content, shape = self._place(key, _FLOAT)
        if len(content) != 4 * math.prod(shape):
            raise UnreadableError(f"{key!r:.80} has {len(content)} bytes for the shape {shape}")
        return np.frombuffer(content, "<f4").reshape(shape)

    def objects(self) -> Message:
        """The graph of the objects that were saved."""
        content, shape = self._place(_OBJECT_GRAPH, _STRING)
        # One text: its length, a check sum, and itself.
        length, place = varint(content, 0)
        if shape or length != len(content) - place - 4:
            raise RefusedError("checkpoint", "has another graph of objects than one text")
        return Message(content[place + 4 :])


def _entries(table: memoryview) -> dict[str, memoryview]:
    """The values by their keys."""
    footer = table[-_FOOTER:]
    if len(table) < _FOOTER or bytes(footer[-8:]) != _MAGIC:
        raise UnreadableError("the index of a checkpoint is no table")
    _, place = varint(footer, 0)
    _, place = varint(footer, place)
    entries: dict[str, memoryview] = {}
    for _, handle in _block(table, footer[place:]):
        for key, value in _block(table, handle):
            name = key.decode("utf-8", "surrogateescape")
            if name in entries:
                raise UnreadableError("the index of a checkpoint has a key twice")
            entries[name] = value
    return entries


def _block(table: memoryview, handle: memoryview) -> list[tuple[bytes, memoryview]]:
    """The keys and values of a block, which share what their keys begin with."""
    offset, place = varint(handle, 0)
    size, _ = varint(handle, place)
    if size < 4 or not 0 <= offset <= offset + size + _TRAILER <= len(table):
        raise UnreadableError("a block of a table lies outside of it")
    if table[offset + size] != 0:
        raise RefusedError("checkpoint", "has a compressed index")
    block = table[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    end = size - 4 * (restarts + 1)
    if end < 0:
        raise UnreadableError("a block of a table is cut off")
    found: list[tuple[bytes, memoryview]] = []
    place, key = 0, b""
    while place < end:
        shared, place = varint(block, place)
        own, place = varint(block, place)
        length, place = varint(block, place)
        if shared > len(key) or place + own + length > end:
            raise UnreadableError("a block of a table is cut off")
        key = key[:shared] + bytes(block[place : place + own])
        found.append((key, block[place + own : place + own + length]))
        place += own + length
    return found
