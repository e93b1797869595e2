from __future__ import annotations

from lsprotocol import types as lsp
from pygls.workspace import TextDocument

from lipbuild.cli.editor.document import range_of
from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.shapes import format_shape
from lipbuild.rules.check import Checked
from lipbuild.text.span import Span


def inlay_hints(document: TextDocument, checked: Checked) -> list[lsp.InlayHint]:
    """At the end of each line that ends a layer: the shape that it makes, and the network's constant up to there."""
    if checked.graph is None:
        return []
    # Of a layer that is repeated the last turn; of several on a line the last one.
    last: dict[int, GraphNode] = {}
    for node in checked.graph.nodes:
        if isinstance(node.origin, Span) and node.origin.source is checked.source:
            last[checked.source.position(node.origin.start)[0]] = node
    hints = []
    for number, node in sorted(last.items()):
        end = checked.source.line_end(number)
        text = f"  {format_shape(node.shape)}  ≤ {bound_text(node.bound)}"
        place = range_of(document, Span(checked.source, end, end)).start
        hints.append(lsp.InlayHint(place, text, tooltip="the output's shape, and the constant up to here"))
    return hints
