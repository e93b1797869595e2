"""The table of a network's layers: shape, parameters, constant of the layer, constant up to there."""

from __future__ import annotations

from lipbuild.cli.text_table import text_table
from lipbuild.spec.graph import Graph, GraphNode
from lipbuild.spec.shapes import format_shape

_HEADER = ("layer", "type", "output", "parameters", "Lipschitz", "network")


def layer_table(graph: Graph) -> str:
    """The graph as a table in plain text, one node a line.

    The last two columns are the constant of the layer itself (a merge has none) and the bound of the network
    from its input up to there, both in L2 and rounded up.
    """
    rows: list[tuple[str, ...]] = [("input", "", format_shape(graph.input_shape), "", "", "1")]
    rows += [_row(node) for node in graph.nodes]
    return text_table(_HEADER, rows)


def _row(node: GraphNode) -> tuple[str, ...]:
    return (
        node.name,
        node.kind,
        format_shape(node.shape),
        f"{node.parameters:,}" if node.parameters else "",
        "" if node.gain is None else f"{node.gain:.6g}",
        f"{node.bound:.6g}",
    )
