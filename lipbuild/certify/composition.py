"""The Lipschitz constant of a network from those of its operations, rounded up at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lipbuild.certify.affine_spans import affine_spans
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.rounding import mul_up, norm_up
from lipbuild.certify.network import Network, Node
from lipbuild.certify.operations import OPERATIONS
from lipbuild.certify.residual_spans import residual_spans
from lipbuild.certify.span import Span
from lipbuild.errors import RefusedError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class _Branch:
    """A node that depends on a part of one source alone: ‖Δnode‖ <= gain · ‖Δ(part of the source)‖."""

    source: str
    part: tuple[range, ...]
    gain: float

    def disjoint(self, other: _Branch) -> bool:
        """Whether the two read no value in common."""
        return any(not set(a) & set(b) for a, b in zip(self.part, other.part, strict=True))


def shapes_of(network: Network) -> dict[str, Shape]:
    """The shape of each node's result, the batch axis left out.

    Raises:
        RefusedError: if an operation is unknown, nodes are out of order or named twice, or shapes do not fit.
    """
    shapes: dict[str, Shape] = {}
    for i, node in enumerate(network.nodes):
        if node.kind not in OPERATIONS:
            raise RefusedError(f"`{node.name}` is a `{node.kind}`, whose constant is not known")
        if node.name in shapes:
            raise RefusedError(f"two nodes are named `{node.name}`")
        missing = [name for name in node.inputs if name not in shapes]
        if missing or bool(node.inputs) == (i == 0) or (node.kind == "input") != (i == 0):
            raise RefusedError(
                f"`{node.name}` does not follow what it reads, or there is more than one input"
            )
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
        network: the network.
        exact: whether to prove the linear ones in integers, which needs python-flint.

    Raises:
        RefusedError: as `shapes_of`, or if a weight is not finite.
    """
    shapes = shapes_of(network)
    bounds = {}
    for node in network.nodes[1:]:
        if OPERATIONS[node.kind].unary:
            try:
                bounds[node.name] = OPERATIONS[node.kind].bound(
                    node, [shapes[name] for name in node.inputs], exact
                )
            except (ValueError, TypeError) as error:
                raise RefusedError(f"`{node.name}`: {error}") from error
    return bounds


def prove_spans(network: Network, bounds: Mapping[str, Bound]) -> list[Span]:
    """Proved constants of what lies between two nodes, each of which is less than what composing would say.

    Args:
        network: the network.
        bounds: the proved constant of each operation on one input.

    Raises:
        RefusedError: as `shapes_of`.
    """
    shapes = shapes_of(network)
    found = [*residual_spans(network, shapes), *affine_spans(network, shapes)]
    gains = {name: bound.upper for name, bound in bounds.items()}
    plain = compose(network, gains)
    spans: list[Span] = []
    for span in found:
        constant, least = plain[span.target], mul_up(plain[span.source], span.bound.upper)
        # What is no better in the first nine digits is not worth a statement.
        if least < constant * (1.0 - 1e-9):
            spans.append(span)
    return spans


def compose(
    network: Network,
    gains: Mapping[str, float],
    initial: float = 1.0,
    spans: Sequence[tuple[str, str, float]] = (),
) -> dict[str, float]:
    """The constant of each node with respect to the network's input.

    A chain multiplies, `combined` of a merge says the rest. A concatenation counts a source once whose
    disjoint parts it joins, at the largest gain of their branches; and max(a, b) beside min(a, b), a pair
    sorted, counts as a beside b. Where a span ends, its own constant counts if it is less.

    Args:
        network: the network.
        gains: an upper bound of the constant of each operation on one input.
        initial: the constant of what precedes the network, such as a preprocessing.
        spans: sources, targets and upper bounds of the constants of spans.

    Raises:
        RefusedError: as `shapes_of`.
    """
    shapes = shapes_of(network)
    constants = {network.nodes[0].name: initial}
    branches: dict[str, _Branch] = {}

    def shortest(name: str, constant: float) -> float:
        ends = [mul_up(constants[source], upper) for source, target, upper in spans if target == name]
        return min([constant, *ends])

    for node in network.nodes[1:]:
        before = [constants[name] for name in node.inputs]
        if OPERATIONS[node.kind].unary:
            gain = gains[node.name]
            constants[node.name] = shortest(node.name, mul_up(before[0], gain))
            branch = branches.get(node.inputs[0])
            if node.kind == "slice" and branch is None:
                branches[node.name] = _part(node, shapes[node.inputs[0]])
            elif branch is not None:
                branches[node.name] = _Branch(branch.source, branch.part, mul_up(branch.gain, gain))
            continue
        constant = OPERATIONS[node.kind].combined(node, before)
        if node.kind == "concatenate":
            constant = min(constant, _joined(network, node.inputs, constants, branches))
        constants[node.name] = shortest(node.name, constant)
    return constants


def _part(node: Node, shape: Shape) -> _Branch:
    slices = [slice(*s) for s in node.parameters["slices"]]
    ranges = [range(*s.indices(n)) for s, n in zip(slices, shape, strict=False)]
    ranges += [range(n) for n in shape[len(ranges) :]]
    return _Branch(node.inputs[0], tuple(ranges), 1.0)


def _joined(
    network: Network, names: Sequence[str], constants: Mapping[str, float], branches: Mapping[str, _Branch]
) -> float:
    terms: list[float] = []
    groups: dict[str, list[tuple[str, _Branch]]] = {}
    for name in _unsorted(network, list(names)):
        branch = branches.get(name)
        if branch is None:
            terms.append(constants[name])
        else:
            groups.setdefault(branch.source, []).append((name, branch))
    for source, members in groups.items():
        parts = [branch for _, branch in members]
        apart = all(a.disjoint(b) for i, a in enumerate(parts) for b in parts[:i])
        together = mul_up(constants[source], max(branch.gain for branch in parts))
        alone = norm_up(constants[name] for name, _ in members)
        terms.append(min(together, alone) if apart else alone)
    return norm_up(terms)


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
