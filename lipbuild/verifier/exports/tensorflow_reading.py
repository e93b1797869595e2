"""The nodes of a function of TensorFlow in order, constants, and sizes that are computed from those of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Operation, Size, Values, product
from lipbuild.verifier.exports.protobuf import Message
from lipbuild.verifier.exports.tensorflow_node import Node, tensor_of, values_of

CALLS = ("StatefulPartitionedCall", "PartitionedCall")
# How deep functions may call each other, and how many nodes they have together.
_DEPTH, _MOST_NODES = 8, 2**16


class TensorFlowReading:
    """A function as far as it has been read.

    Args:
        function: Its definition.
        source: The argument that is the input.
        variables: The variables by the other arguments.
        constants: The tensors that are given to it by arguments of their own.
        shape: Of a sample of the input.
        functions: The functions that it may call.
    """

    def __init__(
        self,
        function: Message,
        source: str,
        variables: Mapping[str, Values],
        constants: Mapping[str, Values],
        shape: tuple[int, ...],
        functions: Mapping[str, Message],
    ) -> None:
        self.source = source
        self.functions = functions
        self.shape = shape
        self.variables = variables
        self.constants: dict[str, Values] = dict(constants)
        self.operations: list[Operation] = []
        self.sizes: dict[str, list[Size]] = {}
        # The length of an axis of a tensor: the tensor and the place of the axis, the batch counted.
        self.lengths: dict[str, tuple[str, int]] = {}
        self.shaped: dict[str, str] = {}
        # The bits of a tensor, after they are masked: the tensor, the mask, and how long its rows are.
        self.bits: dict[str, tuple[str, str, int]] = {}
        self.waiting = self._in_order(self._nodes(function, "", {}, 0))

    def _nodes(self, function: Message, prefix: str, given: Mapping[str, str], depth: int) -> list[Node]:
        """The nodes of a function, and in the place of a call those of the function that is called."""
        found: list[Node] = []
        for message in function.messages(3):
            node = Node(message)
            node.name = f"{prefix}{node.name}"
            node.inputs = [given.get(name, f"{prefix}{name}") for name in node.inputs]
            found += self._called(node, depth) if node.kind in CALLS else [node]
            if len(found) > _MOST_NODES:
                raise RefusedError(node.name, "is one of too many nodes")
        return found

    def _called(self, node: Node, depth: int) -> list[Node]:
        """The nodes of what a call calls, and the call as the name of its only result."""
        name = node.take("f").message(10).text(1)
        function = self.functions.get(name)
        arguments = [] if function is None else [a.text(1) for a in function.message(1).messages(2)]
        results = [] if function is None else [entry.text(2) for entry in function.messages(4)]
        if function is None or depth >= _DEPTH or len(arguments) != len(node.inputs) or len(results) != 1:
            raise RefusedError(node.name, f"calls {name!r:.80} in a way that is not known")
        inner, given = f"{node.name}/", dict(zip(arguments, node.inputs, strict=True))
        nodes = self._nodes(function, inner, given, depth + 1)
        result = tensor_of(results[0])
        node.become("Identity", [given.get(result, f"{inner}{result}")])
        return [*nodes, node]

    def _in_order(self, nodes: list[Node]) -> list[Node]:
        """Each after what it reads: a function may have them in any order."""
        known = {self.source, *self.variables, *self.constants}
        ordered: list[Node] = []
        while nodes:
            later = []
            for node in nodes:
                if node.name in known:
                    raise RefusedError(node.name, "is computed twice")
                if all(name in known for name in node.inputs):
                    known.add(node.name)
                    ordered.append(node)
                else:
                    later.append(node)
            if len(later) == len(nodes):
                raise RefusedError(later[0].name, "reads what nothing computes")
            nodes = later
        return ordered

    def add(self, node: Node, kind: str, count: int | None, **options: Any) -> None:
        """An operation that reads the first inputs of a node."""
        inputs = node.inputs if count is None else node.inputs[:count]
        if len(inputs) != (len(node.inputs) if count is None else count):
            raise RefusedError(node.name, f"reads {len(node.inputs)} tensors")
        if any(name in self.sizes or name in self.bits or name in self.lengths for name in inputs):
            raise RefusedError(node.name, "computes with the sizes or the bits of a tensor")
        self.operations.append(Operation(kind, tuple(inputs), node.name, options))

    def numbers(self, node: Node, place: int) -> list[int]:
        """A constant input of whole numbers."""
        value = self.constants.get(node.inputs[place])
        if value is None or value.dtype.kind != "i":
            raise RefusedError(node.name, "needs constant whole numbers")
        return [int(n) for n in value.reshape(-1)]

    def _read_nothing(self, node: Node) -> None:
        del node

    def _read_const(self, node: Node) -> None:
        self.constants[node.name] = values_of(node.name, node.take("value").message(8))

    def _read_variable(self, node: Node) -> None:
        if node.inputs[0] not in self.variables:
            raise RefusedError(node.name, "reads what is no variable")
        self.constants[node.name] = self.variables[node.inputs[0]]

    def _read_shape(self, node: Node) -> None:
        # That of the batch, which is the first.
        self.sizes[node.name] = [((node.inputs[0], 0),)]
        self.shaped[node.name] = node.inputs[0]

    def _read_pack(self, node: Node) -> None:
        joined: list[Size] = []
        for name in node.inputs:
            value = self.constants.get(name)
            if name in self.sizes:
                joined += self.sizes[name]
            elif value is not None and value.dtype.kind == "i" and value.size == 1:
                joined.append(int(value.reshape(-1)[0]))
            else:
                raise RefusedError(node.name, "packs tensors")
        node.whole("axis", 0)
        self.sizes[node.name] = joined

    def _read_gather(self, node: Node) -> None:
        if node.inputs[0] not in self.shaped or self.numbers(node, 2) != [0] or node.whole("batch_dims", 0):
            raise RefusedError(node.name, "is a `GatherV2` of a tensor, whose constant is not known")
        tensor, places = self.shaped[node.inputs[0]], self.numbers(node, 1)
        if min(places, default=-1) < 0:
            raise RefusedError(node.name, f"takes the sizes {places}")
        self.sizes[node.name] = [((tensor, place),) for place in places]

    def _read_prod(self, node: Node) -> None:
        sized = node.inputs[0] in self.sizes and node.inputs[0] not in self.shaped
        if not sized or self.numbers(node, 1) != [0] or node.flag("keep_dims"):
            raise RefusedError(node.name, "is a product of a tensor's numbers")
        self.sizes[node.name] = [product(node.name, self.sizes[node.inputs[0]])]
