"""The table of a network's layers: shape, parameters, constant of the layer, constant up to there."""

from __future__ import annotations

from lipbuild.cli.text_table import text_table
from lipbuild.spec.graph import Graph
from lipbuild.spec.graph_rows import HEADER, graph_rows


def layer_table(graph: Graph) -> str:
    """The graph as a table in plain text, one node a line; see `graph_rows`."""
    return text_table(HEADER, graph_rows(graph))
