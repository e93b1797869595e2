from __future__ import annotations

from typing import Any

from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT
from lipbuild.network.rounding import decimal_down
from lipbuild.network.shapes import format_shape
from lipbuild.reporting.charts.network_drawing import Box, network_drawing
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Figure, Missing, Part, Section, Table
from lipbuild.reporting.words import up


def network(run: RunFiles) -> Section:
    """The graph of the network: for each layer its shape, its own bound, and that of the network up to it."""
    graph = run.checked.graph
    parts: list[Part] = []
    proved = _proved(run.certificate, graph)
    what = "proved from the trained weights" if proved else "as the config promises"
    caption = (
        "Each box: the layer, its output's shape and its parameters, and the constants of the layer alone and of the "
        f"network up to it (L2, rounded up), {what}."
    )
    parts.append(Figure(network_drawing(_boxes(graph, proved)), caption, wide=True))
    if run.certificate is None:
        parts.append(
            Missing(
                "There is no certificate.", f"lipbuild certify {run.folder.path}" if run.has_ended else ""
            )
        )
    else:
        parts.append(_certificate_table(run.certificate))
    return Section("network", "Network", parts)


def _boxes(graph: Graph, proved: dict[str, tuple[float | None, float]]) -> list[Box]:
    boxes = [Box(INPUT, (), (INPUT, format_shape(graph.input_shape), "network ≤ 1"), False)]
    for node in graph.nodes:
        own, bound = proved.get(node.name, (node.gain, node.bound))
        shape = format_shape(node.shape) + (f", {node.parameters:,} parameters" if node.parameters else "")
        bounds = f"network ≤ {bound_text(bound)}"
        if own is not None:
            bounds = f"own ≤ {bound_text(own)}, {bounds}"
        head = node.kind if _is_numbered(node.name) else f"{node.name}: {node.kind}"
        boxes.append(Box(node.name, node.inputs, (head, shape, bounds), node.name in graph.outputs))
    return boxes


def _is_numbered(name: str) -> bool:
    """Whether a layer has the name that lipbuild gave it."""
    return name.rpartition("_")[2].isdigit()


def _proved(certificate: dict[str, Any] | None, graph: Graph) -> dict[str, tuple[float | None, float]]:
    """For each layer that is one operation of the certificate its own bound; for each layer the network's up to it.

    A layer whose operations are several (`name:part`) ends with the last of them.
    """
    if certificate is None:
        return {}
    found: dict[str, tuple[float | None, float]] = {}
    for node in certificate["nodes"]:
        name, _, part = node["name"].partition(":")
        several = bool(part) and name in found
        own = float.fromhex(node["upper"]) if "upper" in node and not several and not part else None
        found[name] = (own, float.fromhex(node["constant"]))
    names = {node.name for node in graph.nodes}
    return {name: bounds for name, bounds in found.items() if name in names}


def _certificate_table(certificate: dict[str, Any]) -> Table:
    rows = []
    for node in certificate["nodes"]:
        own = (
            [up(float.fromhex(node["upper"])), decimal_down(float.fromhex(node["lower"]))]
            if "upper" in node
            else ["", ""]
        )
        shape = "×".join(str(size) for size in node["shape"])
        proof = f"{node['rule']}, {node['level']}" if "rule" in node else ""
        rows.append((node["name"], node["kind"], proof, shape, *own, up(float.fromhex(node["constant"]))))
    return Table(
        ("operation", "kind", "proof", "output", "proved at most", "at least", "network at most"),
        rows,
        f"The certificate, by {certificate['tool']}. `lipbuild verify` proves each number again.",
        words=4,
        wide=True,
    )
