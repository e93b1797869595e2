"""A model while it is read."""

from __future__ import annotations

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import STEP, Node, Shape


class Building:
    """The nodes that have been read, each with the shape of its result: what comes after acts on that shape."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Shape] = {}

    def add(self, node: Node) -> str:
        """Add a node that reads others; its name.

        Raises:
            RefusedError: If another one has its name, or what it reads does not fit.
        """
        if node.name in self.nodes:
            raise RefusedError(node.name, "is the name of two nodes")
        if node.kind == STEP:
            self.shapes[node.name] = node.options["shape"]
        else:
            kind = KINDS[node.kind]
            if kind.arity is not None and len(node.inputs) != kind.arity:
                raise RefusedError(node.name, f"reads {len(node.inputs)} inputs")
            shape = kind.shape(node, [self.shapes[name] for name in node.inputs])
            if any(type(size) is not int for size in shape):
                raise RefusedError(node.name, f"has the shape {shape!r:.80}")
            self.shapes[node.name] = shape
        self.nodes[node.name] = node
        return node.name

    def model(self, output: str) -> Model:
        """Without the nodes that the output does not depend on.

        Raises:
            RefusedError: If it depends on one that has no constant alone.
        """
        needed = {output, next(iter(self.nodes))}
        for node in reversed(list(self.nodes.values())):
            if node.name in needed:
                needed.update(node.inputs)
        nodes = {name: node for name, node in self.nodes.items() if name in needed}
        for node in nodes.values():
            if node.kind == STEP:
                raise RefusedError(
                    node.name, f"is a {node.options['operation']}, which has no constant alone"
                )
        return Model(nodes, {name: self.shapes[name] for name in nodes}, output)
