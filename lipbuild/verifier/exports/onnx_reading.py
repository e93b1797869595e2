"""The graph of an ONNX file as far as it has been read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Operation, Size, Values, sizes_of
from lipbuild.verifier.exports.onnx_node import (
    FLOAT,
    FLOAT16,
    INT32,
    INT64,
    MOST_AXES,
    TYPES,
    Node,
    only,
    values_of,
)
from lipbuild.verifier.exports.protobuf import Message

# Operators without attributes: what they are here, how many inputs they have, and their options.
_SIMPLE: dict[str, tuple[str, int, dict[str, Any]]] = {
    "Identity": ("identity", 1, {}),
    "Neg": ("negative", 1, {}),
    "Sqrt": ("square_root", 1, {}),
    "PRelu": ("p_relu", 2, {}),
    "Where": ("where", 3, {}),
    **{
        name: ("activation", 1, {"function": name.lower()})
        for name in ("Relu", "Abs", "Tanh", "Sigmoid", "Softplus", "Softsign")
    },
    **{
        name: (kind, 2, {})
        for name, kind in (
            *(
                ("Add", "add"),
                ("Sub", "subtract"),
                ("Mul", "multiply"),
                ("Div", "divide"),
                ("Max", "maximum"),
            ),
            *(
                ("Min", "minimum"),
                ("Less", "less"),
                ("Greater", "greater"),
                ("Equal", "equal"),
                ("And", "and"),
            ),
        )
    },
}


class OnnxReading:
    """Constants, operations, and sizes that are computed from those of a tensor."""

    def __init__(self, graph: Message, description: dict[str, Any]) -> None:
        only(graph, {1, 2, 5, 10, 11, 12, 13}, "graph")
        self.message = graph
        self.description = description
        self.constants: dict[str, Values] = {}
        self.operations: list[Operation] = []
        self.sizes: dict[str, list[Size]] = {}
        self.ranks: dict[str, int] = {}
        for tensor in graph.messages(5):
            self.constant(tensor.text(8), values_of(tensor))

    def constant(self, name: str, values: Values) -> None:
        """A constant tensor."""
        if name in self.constants:
            raise RefusedError(name, "is a constant twice")
        self.constants[name] = values

    def graph(self) -> Graph:
        """All of it."""
        inputs = [i for i in self.message.messages(11) if i.text(1) not in self.constants]
        if len(inputs) != 1:
            raise RefusedError("graph", f"has {len(inputs)} inputs; one is known")
        name, shape = _shape_of(inputs[0])
        self.ranks[name] = len(shape) + 1
        for message in self.message.messages(1):
            node = Node(message)
            # The second result of a `TopK`, the places, is nothing that is known to later nodes.
            if len(node.outputs) != (2 if node.kind == "TopK" else 1):
                raise RefusedError(node.where, f"has {len(node.outputs)} results")
            self.node(node)
            node.finish()
        outputs = [o.text(1) for o in self.message.messages(12)]
        if len(set(outputs)) != len(outputs):
            raise RefusedError("graph", "has two outputs of one name")
        return Graph(name, shape, self.operations, self.constants, {o: o for o in outputs}, self.description)

    def node(self, node: Node) -> None:
        """One node."""
        if node.kind in _SIMPLE:
            kind, count, options = _SIMPLE[node.kind]
            self.add(node, kind, None, count, **options)
            return
        read: Callable[[Node], None] | None = None
        if node.kind.isalnum():
            read = getattr(self, f"_read_{_snake_case(node.kind)}", None)
        if read is None:
            raise RefusedError(node.where, f"is a `{node.kind:.80}`, whose constant is not known")
        read(node)

    def rank(self, name: str) -> int:
        """How many axes a tensor has, the batch counted."""
        if name in self.constants:
            return self.constants[name].ndim
        return self.ranks[name]

    def add(
        self, node: Node, kind: str, rank: int | None = None, count: int | None = 1, **options: Any
    ) -> None:
        """An operation that reads the first inputs of a node."""
        inputs = node.inputs if count is None else node.inputs[:count]
        if "" in inputs or len(inputs) != (len(node.inputs) if count is None else count):
            raise RefusedError(node.where, f"reads {node.inputs}")
        for name in inputs:
            if name in self.sizes:
                raise RefusedError(node.where, "computes with the sizes of a tensor")
        if rank is None:
            rank = max(self.rank(name) for name in inputs)
        self.ranks[node.outputs[0]] = rank
        self.operations.append(Operation(kind, tuple(inputs), node.outputs[0], options))

    def numbers(self, node: Node, place: int) -> list[int]:
        """A constant input of whole numbers."""
        name = node.inputs[place]
        if name not in self.constants or self.constants[name].dtype.kind != "i":
            raise RefusedError(node.where, f"needs constant whole numbers, and reads {name!r:.80}")
        return [int(n) for n in self.constants[name].reshape(-1)]

    # Sizes.

    def _read_shape(self, node: Node) -> None:
        if node.whole("start", 0) or self.rank(node.inputs[0]) < 1:
            raise RefusedError(node.where, "has a `start`")
        self.sizes[node.outputs[0]] = sizes_of(node.inputs[0], self.rank(node.inputs[0]))

    def _read_constant(self, node: Node) -> None:
        self.constant(node.outputs[0], values_of(node.tensor("value")))

    def _sized(self, name: str) -> list[Size] | None:
        if name in self.sizes:
            return self.sizes[name]
        value = self.constants.get(name)
        return [int(n) for n in value.reshape(-1)] if value is not None and value.dtype.kind == "i" else None

    def _read_cast(self, node: Node) -> None:
        to = node.whole("to", 0)
        if node.inputs[0] in self.sizes and to in (INT32, INT64):
            self.sizes[node.outputs[0]] = self.sizes[node.inputs[0]]
            return
        value = self.constants.get(node.inputs[0])
        if value is not None and value.dtype.name == "float16" and to == FLOAT:
            # float16 numbers as the float32 numbers that they are.
            self.constant(node.outputs[0], value.astype(np.float32))
            return
        if to not in TYPES or to == FLOAT16:
            raise RefusedError(node.where, f"makes numbers of the type {to}")
        self.add(node, "cast", to=np.dtype(TYPES[to]).name)

    def _read_gather(self, node: Node) -> None:
        sizes = self._sized(node.inputs[0])
        if sizes is None or node.inputs[0] not in self.sizes or node.whole("axis", 0) != 0:
            raise RefusedError(node.where, "is a `Gather` of a tensor, whose constant is not known")
        self.sizes[node.outputs[0]] = [sizes[n] for n in self.numbers(node, 1)]

    def _read_squeeze(self, node: Node) -> None:
        self._moved(node, "squeeze", -1)

    def _read_unsqueeze(self, node: Node) -> None:
        self._moved(node, "expand", 1)

    def _moved(self, node: Node, kind: str, more: int) -> None:
        """Axes of length 1 less, or one more; of sizes nothing changes."""
        if node.inputs[0] in self.sizes:
            self.sizes[node.outputs[0]] = self.sizes[node.inputs[0]]
            return
        axes = self.numbers(node, 1) if len(node.inputs) > 1 else []
        if not axes or (kind == "expand" and len(axes) > 1):
            raise RefusedError(node.where, f"is a `{node.kind}` along the axes {axes}")
        self.add(node, kind, self.rank(node.inputs[0]) + more * len(axes), 1, axes=axes)


def _snake_case(name: str) -> str:
    """`GlobalMaxPool` as `global_max_pool`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def _shape_of(value: Message) -> tuple[str, tuple[int, ...]]:
    """The name of the input, and the shape of a sample of it."""
    name, tensor = value.text(1), value.message(2).message(1)
    if tensor.whole(1) != FLOAT:
        raise RefusedError(name, "is an input of another type than float32")
    sizes = [size.whole(1) for size in tensor.message(2).messages(1)]
    if not 2 <= len(sizes) <= MOST_AXES or any(n < 1 for n in sizes[1:]):
        raise RefusedError(name, f"is an input of the shape {sizes}")
    return name, tuple(sizes[1:])
