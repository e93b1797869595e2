"""From a node of the graph back to the layer of the config that it comes from."""

from __future__ import annotations

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.network.graph_node import GraphNode
from lipbuild.rules.context import Context
from lipbuild.text.origin import Origin, SavedPlace


def use_of(context: Context, node: GraphNode) -> LayerUse | None:
    """The layer of the config that a node comes from; None where that is a block."""
    return next((use for use in layers_of(context.config.stack) if use.origin == node.origin), None)


def called(node: GraphNode) -> str:
    """What a message calls a layer: by its kind in a config, by its own name in a saved model."""
    return node.origin.layer if isinstance(node.origin, SavedPlace) else node.kind


def argument_place(context: Context, node: GraphNode, *names: str) -> Origin:
    """Where the first of several arguments of a node's layer stands; the layer's name where none is given."""
    use = use_of(context, node)
    if use is None:
        return node.origin
    return next((use.fields[name] for name in names if name in use.fields), use.origin)
