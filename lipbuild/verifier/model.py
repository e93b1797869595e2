from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipbuild.verifier.nodes import Node, Shape


@dataclass(frozen=True)
class Model:
    """A model as its file is read.

    Args:
        nodes: By name, each after what it reads; the first is the input.
        shapes: Of their results.
        output: The name of the result.
    """

    nodes: Mapping[str, Node]
    shapes: Mapping[str, Shape]
    output: str

    @property
    def input(self) -> Node:
        """The first node."""
        return next(iter(self.nodes.values()))

    def read_by(self, node: Node) -> list[Shape]:
        """The shapes of what a node reads."""
        return [self.shapes[name] for name in node.inputs]
