"""A network as a drawing: Mermaid (for Markdown) or DOT (for Graphviz)."""

from __future__ import annotations

from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.shapes import format_shape


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart: on each node its shape and the network's constant up to it."""
    ids = _ids(graph)
    lines = ["flowchart TD", f'    {ids[INPUT]}(["input<br/>{format_shape(graph.input_shape)}"])']
    for node in graph.nodes:
        label = "<br/>".join(_label(node))
        shape = f'(["{label}"])' if node.name in graph.outputs else f'["{label}"]'
        lines.append(f"    {ids[node.name]}{shape}")
    lines += [f"    {ids[source]} --> {ids[node.name]}" for node in graph.nodes for source in node.inputs]
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """The graph in Graphviz's language."""
    ids = _ids(graph)
    lines = [
        "digraph network {",
        "    node [shape=box];",
        f'    {ids[INPUT]} [shape=ellipse, label="input\\n{format_shape(graph.input_shape)}"];',
    ]
    for node in graph.nodes:
        label = "\\n".join(_label(node))
        style = "shape=ellipse, " if node.name in graph.outputs else ""
        lines.append(f'    {ids[node.name]} [{style}label="{label}"];')
    lines += [f"    {ids[source]} -> {ids[node.name]};" for node in graph.nodes for source in node.inputs]
    return "\n".join([*lines, "}"]) + "\n"


def _ids(graph: Graph) -> dict[str, str]:
    names = [INPUT, *(node.name for node in graph.nodes)]
    return {name: f"n{index}" for index, name in enumerate(names)}


def _label(node: GraphNode) -> list[str]:
    head = node.kind if node.name.startswith(_snake_start(node.kind)) else f"{node.name}: {node.kind}"
    own = f", own {bound_text(node.gain)}" if node.gain is not None else ""
    return [head, format_shape(node.shape), f"≤ {bound_text(node.bound)}{own}"]


def _snake_start(kind: str) -> str:
    from lipbuild.config.expand import snake

    return f"{snake(kind)}_"
