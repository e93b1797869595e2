"""Whether the stated constants follow from each other, in rational arithmetic: nothing is rounded here."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lipbuild.certify.verify.kinds import KINDS
from lipbuild.certify.verify.merging_kinds import Merge
from lipbuild.certify.verify.model import Model
from lipbuild.certify.verify.moving_kinds import Slice
from lipbuild.certify.verify.nodes import Node

Constants = Mapping[str, Fraction]


@dataclass(frozen=True)
class Branch:
    """A node that depends on some places of one source alone, by at most `gain`."""

    source: str
    places: Sequence[range]
    gain: Fraction

    def apart(self, other: Branch) -> bool:
        """Whether the two have no place in common."""
        return any(set(a).isdisjoint(b) for a, b in zip(self.places, other.places, strict=True))


def steps_that_fail(
    model: Model, stated: Constants, gains: Constants, spans: Iterable[tuple[str, str, Fraction]]
) -> list[str]:
    """The nodes whose stated constant is less than what follows from those of the nodes that they read.

    A node on one input may have its gain times the constant before it; a merge says its own rule; a concatenation of
    branches that read disjoint parts of one source counts it once; and a node where a span ends may have that.

    Args:
        model: the model.
        stated: the constant of each node with respect to the input.
        gains: a proved constant of each node on one input.
        spans: proved constants from one node to another.
    """
    branches = _branches(model, gains)
    ends: dict[str, list[Fraction]] = {}
    for source, target, upper in spans:
        ends.setdefault(target, []).append(stated[source] * upper)
    failed = []
    for node in list(model.nodes.values())[1:]:
        before, kind = [stated[name] for name in node.inputs], KINDS[node.kind]
        if any(end <= stated[node.name] for end in ends.get(node.name, [])):
            continue
        if isinstance(kind, Merge):
            follows = kind.within(before, stated[node.name])
        else:
            follows = before[0] * gains[node.name] <= stated[node.name]
        if not follows and node.kind == "concatenate":
            follows = _joined(model, node, stated, branches) <= stated[node.name] ** 2
        if not follows:
            failed.append(node.name)
    return failed


def _branches(model: Model, gains: Constants) -> dict[str, Branch]:
    found: dict[str, Branch] = {}
    slicing = KINDS["slice"]
    assert isinstance(slicing, Slice)
    for node in list(model.nodes.values())[1:]:
        if isinstance(KINDS[node.kind], Merge):
            continue
        before = found.get(node.inputs[0])
        if before is not None:
            found[node.name] = Branch(before.source, before.places, before.gain * gains[node.name])
        elif node.kind == "slice":
            places = slicing.ranges(node, model.shapes[node.inputs[0]])
            found[node.name] = Branch(node.inputs[0], places, Fraction(1))
    return found


def _joined(model: Model, node: Node, stated: Constants, branches: Mapping[str, Branch]) -> Fraction:
    """The square of the constant of a concatenation, sources of disjoint branches counted once."""
    groups: dict[str, list[str]] = {}
    total = Fraction(0)
    for name in _unsorted(model, list(node.inputs)):
        if name in branches:
            groups.setdefault(branches[name].source, []).append(name)
        else:
            total += stated[name] ** 2
    for source, members in groups.items():
        alone = sum((stated[name] ** 2 for name in members), Fraction(0))
        parts = [branches[name] for name in members]
        if all(a.apart(b) for a, b in itertools.combinations(parts, 2)):
            alone = min(alone, (stated[source] * max(p.gain for p in parts)) ** 2)
        total += alone
    return total


def _unsorted(model: Model, names: list[str]) -> list[str]:
    """max(a, b) beside min(a, b) is a pair sorted: it counts as a beside b."""
    partner = {"maximum": "minimum", "minimum": "maximum"}
    result: list[str] = []
    while names:
        node = model.nodes[names.pop(0)]
        twins = [
            name
            for name in names
            if len(node.inputs) == 2
            and model.nodes[name].kind == partner.get(node.kind)
            and sorted(model.nodes[name].inputs) == sorted(node.inputs)
        ]
        if twins:
            names.remove(twins[0])
            result.extend(node.inputs)
        else:
            result.append(node.name)
    return result
