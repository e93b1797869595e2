"""Nodes of TensorFlow, by the numbers of the fields of their messages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.graph import Values
from lipbuild.verifier.exports.protobuf import Message

_TYPES = {1: "<f4", 3: "<i4", 9: "<i8", 10: "?"}
# The second result of a sort has a name of its own, and the number 0.
_PLACES = "indices:"
# What has no part in what is computed, or is implied by what is read.
_IGNORED = {
    "T", "dtype", "Tidx", "Tindices", "Index", "Tshape", "Tperm", "N", "SrcT", "DstT", "Tpaddings", "TI", "type",
    "output_type", "out_type", "Truncate", "use_cudnn_on_gpu", "axis_type", "grad_a", "grad_b",
    "Taxis", "Tparams",
}  # fmt: skip


def tensor_of(name: str) -> str:
    """The node that makes a tensor, the only result of it.

    Raises:
        RefusedError: If it is another result.
    """
    node, _, rest = name.partition(":")
    if rest and (rest.rpartition(":")[2] != "0" or rest.startswith(_PLACES)):
        raise RefusedError(name, "is the second result of a node, which no operation that is known has")
    return node


class Node:
    """One node, whose attributes must all be taken."""

    def __init__(self, message: Message) -> None:
        self.name = message.text(1)
        self.kind = message.text(2)
        # A name with ^ before it is waited for, and not read.
        self.inputs = [tensor_of(name) for name in message.texts(3) if not name.startswith("^")]
        self._left = {a.text(1): a.message(2) for a in message.messages(5) if not a.text(1).startswith("_")}

    def become(self, kind: str, inputs: list[str]) -> None:
        """Stand for another operation, which needs no attribute."""
        self.kind, self.inputs, self._left = kind, inputs, {}

    def take(self, name: str) -> Message:
        """An attribute; one without a value where it is missing."""
        return self._left.pop(name, Message(memoryview(b"")))

    def whole(self, name: str, default: int) -> int:
        """A whole number."""
        return self.take(name).whole(3, default)

    def wholes(self, name: str) -> list[int]:
        """Whole numbers."""
        return self.take(name).message(1).wholes(3)

    def flag(self, name: str) -> bool:
        """Whether something is set."""
        return bool(self.take(name).whole(5))

    def real(self, name: str) -> float:
        """A float32."""
        return (self.take(name).floats(4) or [0.0])[0]

    def text(self, name: str, default: str) -> str:
        """A text."""
        return self.take(name).text(2) or default

    def finish(self) -> None:
        """Refuse attributes that are left."""
        for name in self._left.keys() - _IGNORED:
            raise RefusedError(self.name, f"has the attribute {name!r:.80}, which is not known")


def values_of(name: str, tensor: Message) -> Values:
    """The numbers of a constant, of which one that stands alone counts for all."""
    kind, shape = tensor.whole(1), [size.whole(1) for size in tensor.message(2).messages(2)]
    if kind not in _TYPES or any(n < 0 for n in shape) or len(shape) > 8:
        raise RefusedError(name, f"holds numbers of the type {kind}, or of the shape {shape}")
    dtype, count = np.dtype(_TYPES[kind]), math.prod(shape)
    if tensor.present & {4}:
        content = tensor.content(4)
        if len(content) != count * dtype.itemsize:
            raise UnreadableError(f"{name!r:.80} holds {len(content)} bytes for the shape {shape}")
        return np.frombuffer(content, dtype).reshape(shape)
    listed: list[Any] = tensor.floats(5) if kind == 1 else tensor.wholes({3: 7, 9: 10, 10: 11}[kind])
    if count == 0:
        return np.zeros(shape, dtype)
    if not listed or len(listed) > count or count > 2**24:
        raise RefusedError(name, f"holds {len(listed)} numbers for the shape {shape}")
    filled = [*listed, *[listed[-1]] * (count - len(listed))]
    return np.array(filled, dtype).reshape(shape)
