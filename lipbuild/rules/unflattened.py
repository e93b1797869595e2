from __future__ import annotations

from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.operations import Recurrence
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import insert_before
from lipbuild.rules.uses import use_of
from lipbuild.text.fix import Fix


def unflattened(graph: Graph) -> list[GraphNode]:
    """The dense layers that are given more than one dimension: of those that follow each other the first.

    A recurrent layer takes a sequence, so a layer that makes one for it does not count.
    """
    before_recurrence: set[str] = set()
    for node in reversed(graph.nodes):
        operations = node.spec.lower(*node.input_shapes)
        if isinstance(operations[0], Recurrence) or node.name in before_recurrence:
            before_recurrence.update(node.inputs)
    found: list[GraphNode] = []
    after: set[str] = set()
    for node in graph.nodes:
        follows = not after.isdisjoint(node.inputs)
        applies = isinstance(node.spec, DenseSpec) and len(node.input_shapes[0]) > 1
        if applies and not follows and node.name not in before_recurrence:
            found.append(node)
        if len(node.shape) > 1 and (follows or node in found[-1:]):
            after.add(node.name)
    return found


def flatten_before(context: Context, node: GraphNode) -> Fix | None:
    """A `Flatten` before a layer; None where its layout is not plain."""
    use = use_of(context, node)
    return insert_before(use, "Flatten") if use is not None else None


def unflattened_output(context: Context) -> list[GraphNode]:
    """Those of them that make a network end in more than the vector that its loss takes."""
    graph = context.graph
    if graph is None or context.config.train is None or len(graph.outputs) > 1:
        return []
    feeding = {node.name for node in graph.output_nodes if len(node.shape) > 1}
    for node in reversed(graph.nodes):
        if node.name in feeding and len(node.shape) > 1:
            feeding.update(node.inputs)
    return [node for node in unflattened(graph) if node.name in feeding]
