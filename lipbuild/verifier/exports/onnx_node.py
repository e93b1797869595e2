"""Nodes and tensors of ONNX files, by the numbers of their fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.graph import Values
from lipbuild.verifier.exports.protobuf import Message, text_of

# Domains whose operators are known; a file may name others that it does not use.
DOMAINS = ("", "ai.onnx")
FLOAT, INT32, INT64, BOOL, FLOAT16 = 1, 6, 7, 9, 10
TYPES = {FLOAT: "<f4", INT32: "<i4", INT64: "<i8", BOOL: "?", FLOAT16: "<f2"}
MOST_AXES = 8


def only(message: Message, known: set[int], where: str) -> None:
    """Refuse fields of a message that are not known."""
    other = message.present - known
    if other:
        raise RefusedError(where, f"has the field {min(other)}, which is not known")


class Node:
    """One node, whose attributes must all be taken."""

    def __init__(self, message: Message) -> None:
        only(message, {1, 2, 3, 4, 5, 6, 7}, "node")
        self.inputs = message.texts(1)
        self.outputs = message.texts(2)
        self.kind = message.text(4)
        self.where = self.outputs[0] if self.outputs else self.kind
        if message.text(7) not in DOMAINS:
            raise RefusedError(self.where, f"is of the domain {message.text(7)!r:.80}")
        self._attributes: dict[str, Message] = {}
        for attribute in message.messages(5):
            only(attribute, {1, 2, 3, 4, 5, 7, 8, 13, 20}, self.where)
            if attribute.text(1) in self._attributes:
                raise RefusedError(self.where, f"has the attribute {attribute.text(1)!r:.80} twice")
            self._attributes[attribute.text(1)] = attribute

    def _take(self, name: str, field: int, kind: int) -> Message | None:
        attribute = self._attributes.pop(name, None)
        if attribute is not None and attribute.whole(20) != kind:
            raise RefusedError(self.where, f"has the attribute `{name}` of another type")
        return attribute

    def whole(self, name: str, default: int) -> int:
        """A whole number."""
        attribute = self._take(name, 3, 2)
        return default if attribute is None else attribute.whole(3)

    def wholes(self, name: str, default: Sequence[int]) -> list[int]:
        """Whole numbers."""
        attribute = self._take(name, 8, 7)
        return list(default) if attribute is None else attribute.wholes(8)

    def real(self, name: str, default: float) -> float:
        """A float32."""
        attribute = self._take(name, 2, 1)
        if attribute is None:
            return float(np.float32(default))
        return attribute.floats(2)[0] if attribute.present & {2} else 0.0

    def text(self, name: str, default: str) -> str:
        """A text."""
        attribute = self._take(name, 4, 3)
        return default if attribute is None else text_of(attribute.content(4))

    def tensor(self, name: str) -> Message:
        """A tensor."""
        attribute = self._take(name, 5, 4)
        if attribute is None:
            raise RefusedError(self.where, f"has no `{name}`")
        return attribute.message(5)

    def peek(self, name: str) -> int:
        """A whole number that stays to be taken."""
        return self._attributes[name].whole(3)

    def finish(self) -> None:
        """Refuse attributes that are left."""
        for name in self._attributes:
            raise RefusedError(self.where, f"has the attribute {name!r:.80}, which is not known")


def values_of(tensor: Message) -> Values:
    """The numbers of a tensor.

    Raises:
        RefusedError: If they lie in another file, or are of a type that is not known.
    """
    name = tensor.text(8)
    only(tensor, {1, 2, 4, 5, 7, 8, 9, 12}, name)
    shape, kind = tensor.wholes(1), tensor.whole(2)
    if kind not in TYPES:
        raise RefusedError(name, f"holds numbers of the type {kind}, which is not known")
    if len(shape) > MOST_AXES or any(n < 0 for n in shape):
        raise RefusedError(name, f"has the shape {shape}")
    raw = tensor.content(9)
    if tensor.present & {9}:
        if len(raw) != math.prod(shape) * np.dtype(TYPES[kind]).itemsize:
            raise UnreadableError(f"{name!r:.80} holds {len(raw)} bytes for the shape {shape}")
        return np.frombuffer(raw, TYPES[kind]).reshape(shape)
    if kind == FLOAT16:
        raise RefusedError(name, "lists numbers of float16 one by one")
    listed: list[Any] = tensor.floats(4) if kind == FLOAT else tensor.wholes(7 if kind == INT64 else 5)
    if len(listed) != math.prod(shape):
        raise UnreadableError(f"{name!r:.80} holds {len(listed)} numbers for the shape {shape}")
    return np.array(listed, np.dtype(TYPES[kind])).reshape(shape)
