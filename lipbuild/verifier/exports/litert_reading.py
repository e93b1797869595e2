"""The graph of a LiteRT file as far as it has been read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.flatbuffer import Table
from lipbuild.verifier.exports.graph import Graph, Operation, Size, Values
from lipbuild.verifier.strict_json import strict_json

ENTRY, SIGNATURE = "lipbuild", "serving_default"
_KNOWN_METADATA = (ENTRY, "min_runtime_version", "CONVERSION_METADATA")
_MAGIC = b"TFL3"
_FLOAT32, _FLOAT16, _INT32, _INT64, _BOOL = 0, 1, 2, 4, 6
_TYPES = {_FLOAT32: "<f4", _FLOAT16: "<f2", _INT32: "<i4", _INT64: "<i8", _BOOL: "?"}
_ACTIVATIONS = {1: "relu", 3: "relu6", 4: "tanh"}
_WORDS = {0: "same", 1: "valid"}
_MOST_AXES = 8

# Operators without options: what they are here, how many inputs they have, and their options.
_SIMPLE: dict[int, tuple[str, int, dict[str, Any]]] = {
    14: ("activation", 1, {"function": "sigmoid"}),
    19: ("activation", 1, {"function": "relu"}),
    21: ("activation", 1, {"function": "relu6"}),
    28: ("activation", 1, {"function": "tanh"}),
    101: ("activation", 1, {"function": "abs"}),
    111: ("activation", 1, {"function": "elu", "alpha": 1.0}),
    53: ("cast", 1, {}),
    54: ("p_relu", 2, {}),
    55: ("maximum", 2, {}),
    57: ("minimum", 2, {}),
    58: ("less", 2, {}),
    59: ("negative", 1, {}),
    61: ("greater", 2, {}),
    71: ("equal", 2, {}),
    75: ("square_root", 1, {}),
    86: ("and", 2, {}),
    92: ("square", 1, {}),
    123: ("where", 3, {}),
}
_TOP_K = 48
_READERS = {
    0: "add", 1: "average_pool", 2: "concatenation", 3: "conv", 4: "depthwise_conv", 6: "dequantize",
    9: "fully_connected", 17: "max_pool", 18: "mul", 22: "reshape", 25: "softmax", 34: "pad", 39: "transpose",
    36: "gather", 40: "mean", 41: "sub", 42: "div", 43: "squeeze", 45: "strided_slice", 56: "arg_max", 65: "slice",
    67: "transpose_conv", 70: "expand_dims", 74: "sum", 77: "shape", 82: "reduce_max", 83: "pack", 85: "one_hot",
    81: "reduce_prod", _TOP_K: "top_k", 89: "reduce_min", 98: "leaky_relu",
}  # fmt: skip
# The tables of options; a runtime takes the defaults where another table stands.
_OPTIONS = {
    0: 11, 1: 5, 2: 10, 3: 1, 4: 2, 9: 8, 17: 5, 18: 21, 25: 9, 36: 23, 41: 28, 42: 29, 43: 30, 45: 32, 67: 49, 85: 61,
    98: 75, **dict.fromkeys((40, 74, 81, 82, 89), 27),
}  # fmt: skip


class Node:
    """One operator."""

    def __init__(self, code: int, inputs: Sequence[str], output: str, options: Table | None) -> None:
        self.code = code
        self.inputs = tuple(inputs)
        self.output = output
        self._options = options

    def whole(self, field: int, kind: str, default: int = 0) -> int:
        """A whole number among the options."""
        return default if self._options is None else self._options.number(field, kind, default)

    def wholes(self, field: int) -> list[int]:
        """A list of whole numbers among the options."""
        return [] if self._options is None else [int(n) for n in self._options.array(field, "i4")]

    def real(self, field: int, default: float = 0.0) -> float:
        """A float32 among the options."""
        return default if self._options is None else self._options.real(field, default)


class LiteRTReading:
    """Constants, operations, and sizes that are computed from those of a tensor."""

    def __init__(self, model: Table, graph: Table) -> None:
        self.buffers = model.tables(4)
        # The old field of a byte holds what fits in it.
        self.codes = [max(c.number(0, "b"), c.number(3, "i")) for c in model.tables(1)]
        self.tensors = graph.tables(0)
        self.names = [f"{i}:{tensor.text(3)}" for i, tensor in enumerate(self.tensors)]
        self.message = graph
        self.description = self._description(model)
        self.signature = self._signature(model)
        self.constants: dict[str, Values] = {}
        self.operations: list[Operation] = []
        # Sizes as a file computes them from those of tensors.
        self.sizes: dict[str, list[Size]] = {}
        for i, tensor in enumerate(self.tensors):
            values = self._values(i, tensor)
            if values is not None:
                self.constants[self.names[i]] = values

    def _content(self, number: int) -> memoryview:
        if not 0 <= number < len(self.buffers):
            raise UnreadableError(f"there is no buffer {number}")
        buffer = self.buffers[number]
        if buffer.present - {0}:
            raise RefusedError("graph", "has numbers behind the end of its tables")
        return buffer.content(0)

    def _values(self, number: int, tensor: Table) -> Values | None:
        name, content = self.names[number], self._content(tensor.number(2, "I"))
        kind, shape = tensor.number(1, "b"), [int(n) for n in tensor.array(0, "i4")]
        # The scales of numbers of few bits, and what is laid out otherwise.
        if {5, 6, 9} & tensor.present and (tensor.number(5, "b") or {6, 9} & tensor.present):
            raise RefusedError(name, "is a variable, or laid out in a way that is not known")
        if not len(content):
            return None
        if kind not in _TYPES:
            raise RefusedError(name, f"holds numbers of the type {kind}, which is not known")
        if len(shape) > _MOST_AXES or any(n < 0 for n in shape):
            raise RefusedError(name, f"has the shape {shape}")
        values = (
            np.frombuffer(content, _TYPES[kind])
            if len(content) % np.dtype(_TYPES[kind]).itemsize == 0
            else None
        )
        if values is None or values.size != int(np.prod(shape, dtype=object)):
            raise UnreadableError(f"{name!r:.80} holds {len(content)} bytes for the shape {shape}")
        return values.reshape(shape)

    def _description(self, model: Table) -> dict[str, Any]:
        entries = model.tables(6)
        for entry in entries:
            # Some change what the runtime computes, such as `reduced_precision_support`.
            if entry.text(0) not in _KNOWN_METADATA:
                raise RefusedError(
                    "metadata", f"has {entry.text(0)!r:.80}, of which it is not known what a runtime does"
                )
        found = [entry for entry in entries if entry.text(0) == ENTRY]
        if not found:
            return {}
        if len(found) > 1:
            raise RefusedError("metadata", f"has {ENTRY!r} twice")
        try:
            description = strict_json(bytes(self._content(found[0].number(1, "I"))))
        except ValueError as error:
            raise RefusedError("metadata", f"cannot be read: {error}") from None
        if not isinstance(description, dict):
            raise RefusedError("metadata", "is no JSON object")
        return description

    def _signature(self, model: Table) -> Table:
        signatures = model.tables(7)
        if len(signatures) != 1 or signatures[0].text(2) != SIGNATURE or signatures[0].number(4, "I"):
            raise RefusedError("graph", f"has other signatures than `{SIGNATURE}`")
        return signatures[0]

    def _tensor(self, number: int) -> str:
        if not 0 <= number < len(self.names):
            raise UnreadableError(f"there is no tensor {number}")
        return self.names[number]

    def graph(self) -> Graph:
        """All of it."""
        inputs = [self._tensor(entry.number(1, "I")) for entry in self.signature.tables(0)]
        if len(inputs) != 1 or inputs != [self._tensor(int(n)) for n in self.message.array(1, "i4")]:
            raise RefusedError("graph", f"has {len(inputs)} inputs; one is known")
        source = self.tensors[self.names.index(inputs[0])]
        shape = self.shape(inputs[0])
        if source.number(1, "b") != _FLOAT32 or not 2 <= len(shape) <= _MOST_AXES or min(shape[1:]) < 1:
            raise RefusedError(
                inputs[0], f"is an input of another type than float32, or of the shape {shape}"
            )
        for operator in self.message.tables(3):
            self._operator(operator)
        outputs: dict[str, str] = {}
        for entry in self.signature.tables(1):
            if entry.text(0) in outputs:
                raise RefusedError("graph", "has two outputs of one name")
            outputs[entry.text(0)] = self._tensor(entry.number(1, "I"))
        stated = {
            operation.output: self.shape(operation.output)
            for operation in self.operations
            if operation.output in self.names
        }
        sample = tuple(shape[1:])
        return Graph(inputs[0], sample, self.operations, self.constants, outputs, self.description, stated)

    def _operator(self, operator: Table) -> None:
        number = operator.number(0, "I")
        if not 0 <= number < len(self.codes):
            raise UnreadableError(f"there is no operator code {number}")
        inputs = [int(n) for n in operator.array(1, "i4")]
        outputs = [int(n) for n in operator.array(2, "i4")]
        # The second result of a sort, the places, is nothing that is known to later operators.
        if len(outputs) != (2 if self.codes[number] == _TOP_K else 1):
            raise RefusedError("graph", f"has an operator with {len(outputs)} results")
        output = self._tensor(outputs[0])
        # An optional input that is left out is the tensor −1, always the last one here.
        if inputs and inputs[-1] == -1:
            inputs = inputs[:-1]
        node = Node(self.codes[number], [self._tensor(n) for n in inputs], output, operator.table(4))
        known = operator.table(4) is None or operator.number(3, "B") == _OPTIONS.get(
            node.code, operator.number(3, "B")
        )
        if {5, 10, 11, 12} & operator.present or not known:
            raise RefusedError(output, "is an operator of another table than is known")
        if node.code in _SIMPLE:
            kind, count, options = _SIMPLE[node.code]
            self.add(node, kind, count, **options)
            return
        if node.code not in _READERS:
            raise RefusedError(output, f"is the operator {node.code}, whose constant is not known")
        read: Callable[[Node], None] = getattr(self, f"_read_{_READERS[node.code]}")
        read(node)

    def shape(self, name: str) -> list[int]:
        """Of a tensor; −1 where any size is taken."""
        tensor = self.tensors[self.names.index(name)]
        found = [int(n) for n in tensor.array(7, "i4")]
        return found or [int(n) for n in tensor.array(0, "i4")]

    def rank(self, name: str) -> int:
        """How many axes a tensor has, the batch counted."""
        return len(self.shape(name))

    def add(self, node: Node, kind: str, count: int | None, activation: int = 0, **options: Any) -> None:
        """An operation that reads the first inputs of an operator, and the function that is applied to its result."""
        inputs = node.inputs if count is None else node.inputs[:count]
        if len(inputs) != (len(node.inputs) if count is None else count):
            raise RefusedError(node.output, f"reads {len(node.inputs)} tensors")
        for name in inputs:
            if name in self.sizes:
                raise RefusedError(node.output, "computes with the sizes of a tensor")
        if not activation:
            self.operations.append(Operation(kind, inputs, node.output, options))
            return
        if activation not in _ACTIVATIONS:
            raise RefusedError(node.output, f"is followed by the function {activation}, which is not known")
        before = f"{node.output}:before"
        self.operations.append(Operation(kind, inputs, before, options))
        function = {"function": _ACTIVATIONS[activation]}
        self.operations.append(Operation("activation", (before,), node.output, function))

    def numbers(self, node: Node, place: int) -> list[int]:
        """A constant input of whole numbers."""
        value = self.constants.get(node.inputs[place]) if place < len(node.inputs) else None
        if value is None or value.dtype.kind != "i":
            raise RefusedError(node.output, "needs constant whole numbers")
        return [int(n) for n in value.reshape(-1)]

    def _axis(self, node: Node, axis: int) -> int:
        rank = self.rank(node.inputs[0])
        if not -rank <= axis < rank:
            raise RefusedError(node.output, f"goes along the axis {axis} of {rank}")
        return axis % rank
