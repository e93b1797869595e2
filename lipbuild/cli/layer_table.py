"""The table of a network's layers: shape, parameters, constant of the layer, constant up to there."""

from __future__ import annotations

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
    widths = [max(len(row[i]) for row in [_HEADER, *rows]) for i in range(len(_HEADER))]
    lines = [_line(_HEADER, widths), "─" * (sum(widths) + 2 * (len(widths) - 1))]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _row(node: GraphNode) -> tuple[str, ...]:
    return (
        node.name,
        node.kind,
        format_shape(node.shape),
        f"{node.parameters:,}" if node.parameters else "",
        "" if node.gain is None else f"{node.gain:.6g}",
        f"{node.bound:.6g}",
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [
        cell.rjust(width) if index >= 3 else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(row, widths))
    ]
    return "  ".join(cells).rstrip()
