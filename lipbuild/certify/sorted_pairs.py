from __future__ import annotations

from collections.abc import Mapping

from lipbuild.certify.composition import Shape, shapes_of
from lipbuild.certify.network import Network, Node


def with_sorted_pairs(network: Network) -> Network:
    """The same network with max(a, b) beside min(a, b), a and b the halves of the channels, as one sorting.

    That is how GroupSort2 is exported. As one operation it carries an error on as it is; as two slices, a
    maximum, a minimum and a concatenation it would be counted twice.

    Raises:
        RefusedError: if an operation is unknown, or shapes do not fit.
    """
    shapes = shapes_of(network)
    by_name = {node.name: node for node in network.nodes}
    nodes = [_sorting(node, by_name, shapes) or node for node in network.nodes]
    needed = {network.output, network.nodes[0].name}
    for node in reversed(nodes):
        if node.name in needed:
            needed.update(node.inputs)
    return Network(tuple(node for node in nodes if node.name in needed), network.output)


def _sorting(node: Node, by_name: Mapping[str, Node], shapes: Mapping[str, Shape]) -> Node | None:
    if node.kind != "concatenate" or len(node.inputs) != 2:
        return None
    larger, smaller = (by_name[name] for name in node.inputs)
    if (larger.kind, smaller.kind) != ("maximum", "minimum") or set(larger.inputs) != set(smaller.inputs):
        return None
    halves = [by_name[name] for name in larger.inputs]
    if len(halves) != 2 or any(half.kind != "slice" or len(half.inputs) != 1 for half in halves):
        return None
    sources = {half.inputs[0] for half in halves}
    if len(sources) != 1:
        return None
    [source] = sources
    shape = shapes[source]
    # The slices need not name the axes before the last, nor the ends.
    ranges = [_ranges(half, shape) for half in halves]
    whole = [range(n) for n in shape[:-1]]
    middle = shape[-1] // 2
    expected = [[*whole, range(middle)], [*whole, range(middle, shape[-1])]]
    last = node.parameters["axis"] in {-1, len(shape) - 1}
    if shape[-1] % 2 or not last or sorted(ranges, key=repr) != sorted(expected, key=repr):
        return None
    return Node(node.name, "group_sort", (source,), {"size": 2, "pairing": "halves"})


def _ranges(node: Node, shape: Shape) -> list[range]:
    slices = [slice(*s) for s in node.parameters["slices"]]
    given = [range(*s.indices(n)) for s, n in zip(slices, shape, strict=False)]
    return given + [range(n) for n in shape[len(given) :]]
