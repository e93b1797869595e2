from __future__ import annotations

from lipbuild.spec.graph import Graph
from lipbuild.spec.shapes import format_shape

HEADER = ("layer", "type", "output", "parameters", "Lipschitz", "network")


def graph_rows(graph: Graph) -> list[tuple[str, ...]]:
    """A network as rows of text: the input, then one node a row.

    The last two columns are the constant of the layer itself (a merge has none) and the bound of the network
    from its input up to there, both in L2 and rounded up.
    """
    rows: list[tuple[str, ...]] = [("input", "", format_shape(graph.input_shape), "", "", "1")]
    rows += [
        (
            node.name,
            node.kind,
            format_shape(node.shape),
            f"{node.parameters:,}" if node.parameters else "",
            "" if node.gain is None else f"{node.gain:.6g}",
            f"{node.bound:.6g}",
        )
        for node in graph.nodes
    ]
    return rows
