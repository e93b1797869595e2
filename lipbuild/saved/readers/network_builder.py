from __future__ import annotations

from collections.abc import Sequence

from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.errors import RefusedError

Shape = tuple[int, ...]


class NetworkBuilder:
    """A network as far as it has been read: each node comes with the shape of its result.

    Attributes:
        nodes: By name, each after what it reads.
        shapes: Those of their results, the batch axis left out.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, NetworkNode] = {}
        self.shapes: dict[str, Shape] = {}

    def add(self, node: NetworkNode) -> NetworkNode:
        """Add a node, whose inputs are there.

        Raises:
            RefusedError: Its inputs do not fit, or another node has its name.
        """
        if node.name in self.nodes:
            raise RefusedError(f"two nodes are named `{node.name}`")
        self.shapes[node.name] = OPERATIONS[node.kind].shape(node, self.shapes_of(node.inputs))
        self.nodes[node.name] = node
        return node

    def shapes_of(self, names: Sequence[str]) -> list[Shape]:
        """The shapes of what some nodes make."""
        return [self.shapes[name] for name in names]

    def network(self, output: str) -> Network:
        """What an output depends on, and the input.

        Raises:
            RefusedError: It depends on a node that has no constant alone.
        """
        first = next(iter(self.nodes))
        needed = {output, first}
        for node in reversed(self.nodes.values()):
            if node.name not in needed:
                continue
            needed.update(node.inputs)
            if node.kind == "intermediate":
                raise RefusedError(
                    f"`{node.name}` is a {node.parameters['operation']}, which has no constant alone"
                )
        return Network(tuple(node for node in self.nodes.values() if node.name in needed), output)
