"""What an exported file says of itself, held against what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lipbuild.verifier.exports.export import Export
from lipbuild.verifier.exports.interval_head import IntervalHead
from lipbuild.verifier.statement import number, same


def faults_of_description(export: Export, predicate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The places where the metadata of a file contradict it, and how.

    Args:
        export: The file.
        predicate: What its statement says, which has been proved.
    """
    said = export.description
    lipschitz = number(predicate, "lipschitz", "lipschitz")
    stated = said.get("lipschitz")
    if (
        not isinstance(stated, Mapping)
        or stated.get("norm") != "L2"
        or not same(stated.get("proved"), lipschitz)
    ):
        yield "lipschitz", f"is said to be proved as {stated!r:.80}, and the statement says {lipschitz:.17g}"
    source = said.get("input")
    shape = list(export.model.shapes[export.model.input.name])
    if not isinstance(source, Mapping) or not same(source.get("shape"), shape):
        yield "input", f"has the shape {shape} in the file, and another one is stated"
    if not same(said.get("digests"), dict(export.digests)):
        yield "digests", "are not those of what is in the file"
    outputs = said.get("outputs")
    if not isinstance(outputs, Mapping) or set(outputs) != set(export.outputs):
        yield "outputs", f"are {sorted(export.outputs)} in the file, and others are stated"
    # Intervals are held against the semantics that are stated where their constants are.
    semantics = said_of_radius(export).get("semantics")
    if not isinstance(export.head, IntervalHead) and semantics != (
        export.head.semantics if export.head is not None else None
    ):
        yield "radius", f"is said to be of the semantics {semantics!r:.40}, and the file computes another"
    yield from _faults_of_columns(said, predicate)


def said_of_radius(export: Export) -> Mapping[str, Any]:
    """What a file says of its radius, or of its intervals; nothing where it says nothing."""
    radius = export.description.get("radius")
    return radius if isinstance(radius, Mapping) else {}


def _faults_of_columns(said: Mapping[str, Any], predicate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is said of columns stands in the statement, and each column is where the input has it."""
    rows = [
        {**row, **{key: [float.fromhex(end) for end in row[key]] for key in ("least", "greatest")}}
        for row in predicate.get("columns", [])
    ]
    for row in rows:
        del row["places"]
    if not same(said.get("slopes", []), rows):
        yield "slopes", "are not those that the statement proves"
    stated, tolerance = predicate.get("tolerance"), said.get("tolerance")
    if isinstance(stated, Mapping):
        numbers = {key: [float.fromhex(n) for n in stated[key]] for key in ("sizes", "box")}
        expected = {
            "columns": dict(zip(stated.get("columns", []), numbers["sizes"])),
            "box": numbers["box"],
            "ellipsoid": float.fromhex(stated["ellipsoid"]),
        }
        found = {key: tolerance.get(key) for key in expected} if isinstance(tolerance, Mapping) else None
    else:
        expected, found = {}, tolerance or {}
    if not same(found, expected):
        yield "tolerance", "is not what the statement proves"
    source = said.get("input")
    names = source.get("columns") if isinstance(source, Mapping) else None
    for where, column, place in _places(predicate):
        own = names[place] if isinstance(names, list) and place < len(names) else None
        if not isinstance(own, Mapping) or own.get("name") != column:
            yield where, f"`{column}` is not the column at the place {place}"


def _places(predicate: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    for row in predicate.get("columns", []):
        for place in row["places"]:
            yield "slopes", row.get("column"), place
    tolerance = predicate.get("tolerance", {})
    for column, place in zip(tolerance.get("columns", []), tolerance.get("places", [])):
        yield "tolerance", column, place
