"""A network as a graph: a shape and a Lipschitz bound for every node."""

from __future__ import annotations

from lipbuild.frozen import dataclass
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.rounding import mul_up, root_up
from lipbuild.network.shapes import Shape


@dataclass(frozen=True)
class Graph:
    """A network: every node after those that it reads.

    Attributes:
        input_shape: The shape of one sample.
        nodes: The nodes, in an order in which they can be computed.
        outputs: The names of the output nodes.
        lipschitz: The constant that the config promises, times those of the preprocessing and of the scale of the
            targets: it is with respect to the data as it is given, and in the target's units.
        share: The coefficient of the layers that leave theirs out.
        preprocessed: The name of what the first layer of the config reads: the last node of the preprocessing, or
            the input where there is none.
        target_scale: The name of the last node, where it brings the outputs to the units of the targets.
    """

    input_shape: Shape
    nodes: tuple[GraphNode, ...]
    outputs: tuple[str, ...]
    lipschitz: float
    share: float = 1.0
    preprocessed: str = INPUT
    target_scale: str | None = None

    @property
    def preprocessing_bound(self) -> float:
        """The constant of the preprocessing; 1 where there is none."""
        return 1.0 if self.preprocessed == INPUT else self.node(self.preprocessed).bound

    @property
    def target_gain(self) -> float:
        """The constant of what brings the outputs to the units of the targets; 1 where nothing does."""
        return 1.0 if self.target_scale is None else self.node(self.target_scale).gain or 1.0

    @property
    def is_fitted(self) -> bool:
        """Whether nothing in it is still to be taken from the training data."""
        return all(node.spec.is_fitted for node in self.nodes)

    def node(self, name: str) -> GraphNode:
        """The node of a name.

        Raises:
            KeyError: There is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    @property
    def output_nodes(self) -> tuple[GraphNode, ...]:
        """The output nodes."""
        return tuple(self.node(name) for name in self.outputs)

    @property
    def last_layers(self) -> tuple[GraphNode, ...]:
        """The output nodes of the config: those before the scale of the targets, where there is one."""
        if self.target_scale is None:
            return self.output_nodes
        return tuple(self.node(name) for name in self.node(self.target_scale).inputs)

    @property
    def bound(self) -> float:
        """The greatest constant of any output with respect to the input."""
        return max(node.bound for node in self.output_nodes)

    def bound_before(self, node: GraphNode) -> float:
        """The constant of what a node with one input reads."""
        name = node.inputs[0]
        return 1.0 if name == INPUT else self.node(name).bound

    @property
    def margin_bound(self) -> float:
        """The constant of a difference of two values of the output: √2 times that of all, or twice that of one."""
        together = mul_up(root_up(2), self.bound)
        if len(self.outputs) > 1 or self.output_nodes[0].spec.merges:
            return together
        last = self.output_nodes[0]
        single = mul_up(last.spec.single_gain(last.input_shapes[0]), self.bound_before(last))
        return min(together, mul_up(2.0, single))

    @property
    def parameters(self) -> int:
        """The number of trained weights."""
        return sum(node.parameters for node in self.nodes)

    @property
    def unproved(self) -> tuple[str, ...]:
        """The kinds of its layers whose constant is not known; with any nothing is certified."""
        return tuple(dict.fromkeys(node.kind for node in self.nodes if not node.spec.is_proved))

    def _repr_html_(self) -> str:
        """The network as a notebook shows it: a table of its layers and their constants."""
        from lipbuild.diagnostics.html_table import html_table
        from lipbuild.network.bound_text import bound_text
        from lipbuild.network.graph_table import graph_table

        constant = f"Lipschitz constant (L2) at most {bound_text(self.bound)} of {bound_text(self.lipschitz)} promised"
        table = graph_table(self.input_shape, self.nodes)
        caption = f"{self.parameters:,} parameters, {constant}"
        return html_table(table.header, table.rows, caption, words=table.words)
