"""The table of a network's layers: shape, parameters, constant of the layer, constant up to there."""

from __future__ import annotations

from lipbuild.cli.text_table import text_table
from lipbuild.spec.bound_text import bound_text
from lipbuild.spec.graph import INPUT, Graph, GraphNode
from lipbuild.spec.shapes import format_shape

_WORDS = ("layer", "type", "output")
_NUMBERS = ("parameters", "Lipschitz", "network")


def layer_table(graph: Graph) -> str:
    """The graph as a table in plain text, one node a line.

    The last two columns are the constant of the layer itself (a merge has none) and the bound of the network
    from its input up to there, both in L2 and rounded up. Where not each layer reads the one above it, a column says
    what it reads.
    """
    reads = not _is_chain(graph)
    rows = [_row(INPUT, "", "", format_shape(graph.input_shape), "", "", "1", reads=reads)]
    rows += [_of(node, reads=reads) for node in graph.nodes]
    header = (*_WORDS[:2], *(("reads",) if reads else ()), _WORDS[2], *_NUMBERS)
    return text_table(header, rows, words=3 + reads)


def _is_chain(graph: Graph) -> bool:
    above = INPUT
    for node in graph.nodes:
        if node.inputs != (above,):
            return False
        above = node.name
    return True


def _of(node: GraphNode, *, reads: bool) -> tuple[str, ...]:
    return _row(
        node.name,
        node.kind,
        ", ".join(node.inputs),
        format_shape(node.shape),
        f"{node.parameters:,}" if node.parameters else "",
        "" if node.gain is None else bound_text(node.gain),
        bound_text(node.bound),
        reads=reads,
    )


def _row(name: str, kind: str, inputs: str, *rest: str, reads: bool) -> tuple[str, ...]:
    return (name, kind, inputs, *rest) if reads else (name, kind, *rest)
