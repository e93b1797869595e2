"""The table of a network's layers: shape, parameters, constant of the layer, constant up to there."""

from __future__ import annotations

from lipbuild.cli.text_table import text_table
from lipbuild.network.graph import Graph
from lipbuild.network.graph_table import graph_table


def layer_table(graph: Graph) -> str:
    """The graph as a table in plain text, one node a line; see `graph_table`."""
    table = graph_table(graph.input_shape, graph.nodes)
    return text_table(table.header, table.rows, words=table.words)
