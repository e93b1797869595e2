"""From a node of the graph back to the layer of the config that it comes from."""

from __future__ import annotations

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.network.graph import GraphNode
from lipbuild.rules.context import Context
from lipbuild.text.span import Span


def use_of(context: Context, node: GraphNode) -> LayerUse | None:
    """The layer of the config that a node comes from; None where that is a block."""
    return next((use for use in layers_of(context.config.stack) if use.span == node.span), None)


def argument_place(context: Context, node: GraphNode, *names: str) -> Span:
    """Where the first of several arguments of a node's layer stands; the layer's name where none is given."""
    use = use_of(context, node)
    if use is None:
        return node.span
    return next((use.fields[name] for name in names if name in use.fields), use.span)
