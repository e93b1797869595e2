"""Adjacent affine maps, merged where that is tighter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.frobenius import frobenius_up
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.rounding import add_up, gamma, mul_up, sqrt_up, sub_down
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.certifying.span import NetworkSpan

Shape = tuple[int, ...]

# The smaller dimension of the merged matrix, its inputs (a verifier takes no more), its entries, and the products that
# it takes to form it.
_ORDER, _INPUTS, _ENTRIES, _PRODUCTS = 1024, 2**14, 2**21, 4e9
# Numbers of the largest node that are held at once: 32 MiB.
_HELD = 2**22
# What only moves values has a constant that merging cannot better.
_MOVES = {"identity", "reshape", "permute", "slice", "zero_padding"}


def affine_spans(network: Network, shapes: Mapping[str, Shape]) -> list[NetworkSpan]:
    """The norm of each small part of the network that is affine as a whole, by its explicit matrix.

    The images of the unit vectors are computed with their rounding errors: with |W| for W the same pass bounds them.

    Args:
        network: The network.
        shapes: The shape of each node.

    Returns:
        A span for each affine node that nothing affine follows and that merges at least two maps.
    """
    roots = _roots(network)
    followed = {name for node in network.nodes if roots[node.name] != node.name for name in node.inputs}
    spans = []
    for node in network.nodes:
        root = roots[node.name]
        if root == node.name or (node.name in followed and node.name != network.output):
            continue
        part = _part(network, root, node.name)
        if sum(member.kind not in _MOVES for member in part) < 2 or not _is_small(part, root, shapes):
            continue
        spans.append(NetworkSpan(root, node.name, _explicit(part, root, shapes)))
    return spans


def _roots(network: Network) -> dict[str, str]:
    """For each node the node that it is an affine function of; itself if there is none."""
    roots: dict[str, str] = {}
    for node in network.nodes:
        before = {roots[name] for name in node.inputs}
        affine = OPERATIONS[node.kind].affine and "factor_error" not in node.parameters
        roots[node.name] = before.pop() if affine and len(before) == 1 else node.name
    return roots


def _part(network: Network, root: str, target: str) -> list[NetworkNode]:
    """The nodes between the two, in order, the last one included and the first not."""
    needed = {target}
    part = []
    for node in reversed(network.nodes):
        if node.name in needed and node.name != root:
            part.append(node)
            needed.update(node.inputs)
    return part[::-1]


def _is_small(part: list[NetworkNode], root: str, shapes: Mapping[str, Shape]) -> bool:
    inputs, outputs = math.prod(shapes[root]), math.prod(shapes[part[-1].name])
    if min(inputs, outputs) > _ORDER or inputs > _INPUTS or inputs * outputs > _ENTRIES:
        return False
    products = 0.0
    for node in part:
        rounding = OPERATIONS[node.kind].rounding(node, [shapes[name] for name in node.inputs])
        terms = max(rounding.roundings, 1) if rounding is not None else 1
        products += float(inputs) * math.prod(shapes[node.name]) * terms
    return products <= _PRODUCTS


def _explicit(part: list[NetworkNode], root: str, shapes: Mapping[str, Shape]) -> Bound:
    count = math.prod(shapes[root])
    step = max(1, _HELD // max(math.prod(shapes[node]) for node in (root, *(n.name for n in part))))
    rows, radii = [], []
    for start in range(0, count, step):
        # Some of the unit vectors: all of them together are as large as the square of the inputs.
        places = np.arange(start, min(start + step, count))
        units = np.zeros((len(places), count))
        units[np.arange(len(places)), places] = 1.0
        image, radius = _images(part, root, units.reshape(-1, *shapes[root]))
        rows.append(image)
        radii.append(radius)
    matrix, error = np.concatenate(rows), frobenius_up(np.concatenate(radii))
    # A verifier may bound the error of each image as a whole, by norms.
    by_norms = mul_up(sqrt_up(float(count)), _error_by_norms(part, root, shapes))
    # Products that underflow.
    error = add_up(error, matrix.size * len(part) * 2.0**-900)
    bound = dense(matrix)
    upper = add_up(bound.upper, error)
    room = bound.room + (8.0 * (error + by_norms) / upper if upper > 0.0 else 0.0)
    return replace(
        bound,
        upper=upper,
        lower=max(sub_down(bound.lower, error), 0.0),
        method="explicit",
        level="float64",
        room=room,
    )


def _error_by_norms(part: list[NetworkNode], root: str, shapes: Mapping[str, Shape]) -> float:
    """A bound of the error of the image of one unit vector that knows the norm of each map alone."""
    sizes, errors = {root: 1.0}, {root: 0.0}
    for node in part:
        rounding = OPERATIONS[node.kind].rounding(node, [shapes[name] for name in node.inputs]) or Rounding()
        size, error = (sum(table[name] for name in node.inputs) for table in (sizes, errors))
        fresh = gamma(rounding.roundings + len(node.inputs) + 8) * size
        sizes[node.name] = rounding.magnitude * size
        errors[node.name] = rounding.magnitude * (error + fresh)
    return errors[part[-1].name]


def _images(part: list[NetworkNode], root: str, units: Array) -> tuple[Array, Array]:
    """The images of vectors as rows, and by how much each entry may be off."""
    values: dict[str, Array] = {root: units}
    errors: dict[str, Array] = {root: np.zeros_like(units)}
    for node in part:
        operation = OPERATIONS[node.kind]
        linear, majorant = operation.homogeneous(node), operation.majorant(node)
        inputs = [values[name] for name in node.inputs]
        values[node.name] = operation.forward(linear, inputs)
        rounding = operation.rounding(node, [x.shape[1:] for x in inputs])
        count_of = (rounding.roundings if rounding is not None else 0) + len(inputs) + 1
        # Twice, for the roundings of the magnitudes themselves.
        fresh = 2.0 * gamma(2 * count_of + 8)
        widened = [
            np.abs(x) * fresh + errors[name] * (1.0 + fresh)
            for x, name in zip(inputs, node.inputs, strict=True)
        ]
        errors[node.name] = OPERATIONS[majorant.kind].forward(majorant, widened)
    target, count = part[-1].name, len(units)
    return values[target].reshape(count, -1), errors[target].reshape(count, -1)
