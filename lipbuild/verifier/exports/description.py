"""What an exported file says of itself, held against what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lipbuild.verifier.exports.export import Export
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
    radius = said.get("radius")
    semantics = radius.get("semantics") if isinstance(radius, Mapping) else None
    if semantics != (export.head.semantics if export.head is not None else None):
        yield "radius", f"is said to be of the semantics {semantics!r:.40}, and the file computes another"
