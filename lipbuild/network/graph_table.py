from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.shapes import Shape, format_shape


class GraphTable(NamedTuple):
    """A network as rows of text.

    Attributes:
        header: What each column is.
        rows: The input, then one node a row.
        words: How many columns, from the left, are words; the others are numbers.
    """

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    words: int


def graph_table(input_shape: Shape, nodes: Sequence[GraphNode]) -> GraphTable:
    """A network as a table.

    The last two columns are the constant of the layer itself (a merge has none) and the bound of the network
    from its input up to there, both in L2 and rounded up. Where not each layer reads the one above it, a column says
    what it reads.
    """
    reads = ("reads",) if not _is_chain(nodes) else ()
    words = ("layer", "type", *reads, "output")
    rows = [("input", "", *("" for _ in reads), format_shape(input_shape), "", "", "1")]
    rows += [_row(node, reads=bool(reads)) for node in nodes]
    return GraphTable((*words, "parameters", "Lipschitz", "network"), rows, len(words))


def _is_chain(nodes: Sequence[GraphNode]) -> bool:
    above = INPUT
    for node in nodes:
        if node.inputs != (above,):
            return False
        above = node.name
    return True


def _row(node: GraphNode, *, reads: bool) -> tuple[str, ...]:
    return (
        node.name,
        node.kind,
        *((", ".join(node.inputs),) if reads else ()),
        format_shape(node.shape),
        f"{node.parameters:,}" if node.parameters else "",
        "" if node.gain is None else bound_text(node.gain),
        bound_text(node.bound),
    )
