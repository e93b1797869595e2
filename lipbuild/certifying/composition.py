"""The Lipschitz constant of a network from those of its operations, rounded up at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.certifying.affine_spans import affine_spans
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.rounding import div_up, mul_up, norm_up, sum_up
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.certifying.parts import MOST_CUT, Parts, added, joined
from lipbuild.certifying.residual_spans import bounds_in_blocks, residual_spans
from lipbuild.certifying.slopes import slopes_span
from lipbuild.certifying.span import NetworkSpan
from lipbuild.errors import RefusedError

Shape = tuple[int, ...]


def shapes_of(network: Network) -> dict[str, Shape]:
    """The shape of each node's result, the batch axis left out.

    Raises:
        RefusedError: If an operation is unknown, nodes are out of order or named twice, or shapes do not fit.
    """
    shapes: dict[str, Shape] = {}
    for i, node in enumerate(network.nodes):
        if node.kind not in OPERATIONS:
            raise RefusedError(f"`{node.name}` is a `{node.kind}`, whose constant is not known")
        if node.name in shapes:
            raise RefusedError(f"two nodes are named `{node.name}`")
        missing = [name for name in node.inputs if name not in shapes]
        if missing or bool(node.inputs) == (i == 0) or (node.kind == "input") != (i == 0):
            raise RefusedError(f"`{node.name}` stands before its inputs, or there is more than one input")
        operation = OPERATIONS[node.kind]
        if i and operation.unary and len(node.inputs) != 1:
            raise RefusedError(f"`{node.name}` reads {len(node.inputs)} inputs and takes one")
        shapes[node.name] = operation.shape(node, [shapes[name] for name in node.inputs])
    if network.output not in shapes:
        raise RefusedError(f"there is no output `{network.output}`")
    return shapes


def prove(network: Network, *, exact: bool = False) -> dict[str, Bound]:
    """A proved constant of each operation on one input.

    Args:
        network: The network.
        exact: Whether to prove the linear ones in integers, which needs python-flint.

    Raises:
        RefusedError: As `shapes_of`, or if a weight is not finite.
    """
    shapes = shapes_of(network)
    # Integers have no blocks: each of their bounds counts.
    bounds: dict[str, Bound] = {} if exact else bounds_in_blocks(network, shapes)
    # A layer that is called several times has one kernel.
    known: dict[tuple[Any, ...], Bound] = {}
    for node in network.nodes[1:]:
        if OPERATIONS[node.kind].unary and node.name not in bounds:
            read = [shapes[name] for name in node.inputs]
            key = (node.kind, id(node.arrays.get("kernel")), *read, *sorted(node.parameters.items()))
            try:
                if "kernel" not in node.arrays:
                    bounds[node.name] = OPERATIONS[node.kind].bound(node, read, exact)
                    continue
                if key not in known:
                    known[key] = OPERATIONS[node.kind].bound(node, read, exact)
                bounds[node.name] = known[key]
            except (ValueError, TypeError) as error:
                raise RefusedError(f"`{node.name}`: {error}") from error
    return bounds


def prove_spans(network: Network, bounds: Mapping[str, Bound]) -> list[NetworkSpan]:
    """Proved constants of what lies between two nodes, each of which is less than what composing would say.

    Args:
        network: The network.
        bounds: The proved constant of each operation on one input.

    Raises:
        RefusedError: As `shapes_of`.
    """
    shapes = shapes_of(network)
    found = [*residual_spans(network, shapes), *affine_spans(network, shapes)]
    gains = {name: bound.upper for name, bound in bounds.items()}
    plain = compose(network, gains)
    spans: list[NetworkSpan] = []

    def keep(span: NetworkSpan, plain: Mapping[str, float]) -> None:
        constant, least = plain[span.target], mul_up(plain[span.source], span.bound.upper)
        # A bound that is not better in the first nine digits is not worth a statement.
        if least < constant * (1.0 - 1e-9):
            spans.append(span)

    for span in found:
        keep(span, plain)
    ends = [(span.source, span.target, span.bound.upper) for span in spans]
    whole = slopes_span(network, bounds, ends, shapes)
    if whole is not None:
        keep(whole, compose(network, gains, ends))
    return spans


def compose(
    network: Network,
    gains: Mapping[str, float],
    spans: Sequence[tuple[str, str, float]] = (),
) -> dict[str, float]:
    """The constant of each node with respect to the network's input.

    A chain multiplies, `combined` of a merge says the rest. What depends on disjoint parts of one source counts the
    source once (`Parts`): a concatenation of branches at the largest of their gains, a sum at the root of the sum of
    their squares. What is cut out of something that depends on parts counts as before, or as parts of that. max(a, b)
    beside min(a, b), a pair sorted, counts as a beside b. Where a span ends, its own constant counts if it is less.

    Args:
        network: The network.
        gains: An upper bound of the constant of each operation on one input.
        spans: Sources, targets and upper bounds of the constants of spans.

    Raises:
        RefusedError: As `shapes_of`.
    """
    shapes = shapes_of(network)
    constants = {network.nodes[0].name: 1.0}
    # Of the first sources that were cut, and of the last.
    views: tuple[dict[str, Parts], dict[str, Parts]] = ({}, {})
    for node in network.nodes[1:]:
        before = [constants[name] for name in node.inputs]
        for parts, last in zip(views, (False, True), strict=True):
            own = _parts(network, node, shapes, gains, parts, last)
            if own is not None:
                parts[node.name] = own
        if OPERATIONS[node.kind].unary:
            least = [mul_up(before[0], gains[node.name])]
        else:
            least = [OPERATIONS[node.kind].combined(node, before)]
            least += [_grouped(network, node, constants, parts) for parts in views]
        least += [mul_up(constants[source], upper) for source, target, upper in spans if target == node.name]
        constants[node.name] = min(least)
    return constants


def _grouped(
    network: Network, node: NetworkNode, constants: Mapping[str, float], parts: Mapping[str, Parts]
) -> float:
    """The constant of a merge in which inputs that depend on parts of one source count together."""
    sums = node.kind in {"add", "subtract", "average"}
    names = _unsorted(network, list(node.inputs)) if node.kind == "concatenate" else list(node.inputs)
    groups: dict[str, list[str]] = {}
    terms = []
    for name in names:
        if name in parts:
            groups.setdefault(parts[name].source, []).append(name)
        else:
            terms.append(constants[name])
    for source, members in groups.items():
        alone = [constants[name] for name in members]
        together = (added if sums else joined)([parts[name] for name in members])
        least = sum_up(alone) if sums else norm_up(alone)
        terms.append(least if together is None else min(least, mul_up(constants[source], together.norm())))
    total = sum_up(terms) if sums else norm_up(terms)
    return div_up(total, float(len(names))) if node.kind == "average" else total


def _parts(
    network: Network,
    node: NetworkNode,
    shapes: Mapping[str, Shape],
    gains: Mapping[str, float],
    known: Mapping[str, Parts],
    last: bool,
) -> Parts | None:
    """On which parts of one source a node depends, if it does: of the last source that was cut, or of the first."""
    if OPERATIONS[node.kind].unary:
        before = known.get(node.inputs[0])
        # What many parts were joined to is cut anew: else rows would multiply by each layer that cuts and joins.
        if node.kind == "slice" and (before is None or last or len(before.rows) > MOST_CUT):
            return Parts.of(node.inputs[0], _places(node, shapes[node.inputs[0]]))
        return None if before is None else before.times(gains[node.name])
    names = _unsorted(network, list(node.inputs)) if node.kind == "concatenate" else list(node.inputs)
    inputs = [known[name] for name in names if name in known]
    if len(inputs) != len(names):
        return None
    if node.kind in {"add", "subtract", "average"}:
        return added(inputs, div_up(1.0, float(len(inputs))) if node.kind == "average" else 1.0)
    return joined(inputs) if node.kind in {"concatenate", "maximum", "minimum"} else None


def _places(node: NetworkNode, shape: Shape) -> tuple[range, ...]:
    ranges = [range(*slice(*s).indices(n)) for s, n in zip(node.parameters["slices"], shape, strict=False)]
    return (*ranges, *(range(n) for n in shape[len(ranges) :]))


def _unsorted(network: Network, names: list[str]) -> list[str]:
    """The names, with max(a, b) beside min(a, b) replaced by a beside b: sorting a pair does not expand."""
    result, rest = [], list(names)
    while rest:
        node = network.node(rest.pop(0))
        partner = {"maximum": "minimum", "minimum": "maximum"}.get(node.kind)
        match = next(
            (
                name
                for name in rest
                if network.node(name).kind == partner
                and len(node.inputs) == 2
                and sorted(network.node(name).inputs) == sorted(node.inputs)
            ),
            None,
        )
        if match is None:
            result.append(node.name)
        else:
            rest.remove(match)
            result.extend(node.inputs)
    return result
