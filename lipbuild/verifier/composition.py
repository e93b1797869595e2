"""Whether the stated constants follow from each other, in rational arithmetic: nothing is rounded here but roots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.merging_kinds import Add, Average, Merge
from lipbuild.verifier.model import Model
from lipbuild.verifier.moving_kinds import Slice
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.parts import MOST_CUT, Parts, beside, root_up, summed

Constants = Mapping[str, Fraction]


def steps_that_fail(
    model: Model, stated: Constants, gains: Constants, spans: Iterable[tuple[str, str, Fraction]]
) -> list[str]:
    """The nodes whose stated constant is less than what follows from those of the nodes that they read.

    A node on one input may have its gain times the constant before it; a merge says its own rule, or counts what
    depends on disjoint parts of one source once; and a node where a span ends may have that.

    Args:
        model: The model.
        stated: The constant of each node with respect to the input.
        gains: a proved constant of each node on one input.
        spans: Proved constants from one node to another.
    """
    ends: dict[str, list[Fraction]] = {}
    for source, target, upper in spans:
        ends.setdefault(target, []).append(stated[source] * upper)
    # Where what was cut is cut again, it is parts of the first source as well as of the last.
    first: dict[str, Parts] = {}
    last: dict[str, Parts] = {}
    failed = []
    for node in list(model.nodes.values())[1:]:
        for parts in (first, last):
            own = _parts(model, node, gains, parts, parts is last)
            if own is not None:
                parts[node.name] = own
        limit, kind = stated[node.name], KINDS[node.kind]
        if any(end <= limit for end in ends.get(node.name, [])):
            continue
        if isinstance(kind, Merge):
            before = [stated[name] for name in node.inputs]
            follows = kind.within(before, limit) or any(
                _grouped(model, node, stated, parts) <= limit for parts in (first, last)
            )
        else:
            follows = stated[node.inputs[0]] * gains[node.name] <= limit
        if not follows:
            failed.append(node.name)
    return failed


def _parts(
    model: Model, node: Node, gains: Constants, known: Mapping[str, Parts], anew: bool
) -> Parts | None:
    """On which parts of one source a node depends, if it does; with `anew` each slice is a part of what it cuts."""
    kind = KINDS[node.kind]
    if not isinstance(kind, Merge):
        before = known.get(node.inputs[0])
        # Layer by layer, cutting what was joined would multiply the rows.
        if isinstance(kind, Slice) and (anew or before is None or len(before.rows) > MOST_CUT):
            places = tuple(kind.ranges(node, model.shapes[node.inputs[0]]))
            return Parts(node.inputs[0], ({places: Fraction(1)},))
        return None if before is None else before.times(gains[node.name])
    names = _names(model, node)
    if not all(name in known for name in names):
        return None
    inputs = [known[name] for name in names]
    if not isinstance(kind, Add):
        return beside(inputs)
    total = summed(inputs)
    return total.times(Fraction(1, len(names))) if total is not None and isinstance(kind, Average) else total


def _grouped(model: Model, node: Node, stated: Constants, parts: Mapping[str, Parts]) -> Fraction:
    """The constant of a merge in which inputs that depend on parts of one source count together."""
    sums = isinstance(KINDS[node.kind], Add)
    names = _names(model, node)
    terms = [stated[name] for name in names if name not in parts]
    for source in {parts[name].source for name in names if name in parts}:
        members = [name for name in names if name in parts and parts[name].source == source]
        alone = [stated[name] for name in members]
        term = sum(alone, Fraction(0)) if sums else root_up(sum((c * c for c in alone), Fraction(0)))
        together = (summed if sums else beside)([parts[name] for name in members])
        square = together.square() if together is not None else None
        terms.append(term if square is None else min(term, root_up(square * stated[source] ** 2)))
    if not sums:
        return root_up(sum((t * t for t in terms), Fraction(0)))
    return sum(terms, Fraction(0)) / (len(names) if node.kind == "average" else 1)


def _names(model: Model, node: Node) -> list[str]:
    """What a merge reads; in a concatenation max(a, b) beside min(a, b), a pair sorted, counts as a beside b."""
    names = list(node.inputs)
    if node.kind != "concatenate":
        return names
    partner = {"maximum": "minimum", "minimum": "maximum"}
    result: list[str] = []
    while names:
        first = model.nodes[names.pop(0)]
        twins = [
            name
            for name in names
            if len(first.inputs) == 2
            and model.nodes[name].kind == partner.get(first.kind)
            and sorted(model.nodes[name].inputs) == sorted(first.inputs)
        ]
        if twins:
            names.remove(twins[0])
            result.extend(first.inputs)
        else:
            result.append(first.name)
    return result
