"""All that a certificate may say, and what is done with each field. What is not here is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lipbuild.verifier.errors import RefusedError

PROVED, CHECKED, STATED = "proved", "checked", "stated"

# What is found in one go, each after those before it.
FORM, SUBJECT, GRAPH, GAINS, CONSTANTS = "form", "subject", "graph", "gains", "constants"
TOLERANCE, KEPT = "tolerance", "kept"
COLUMNS, HEAD, RADII, ATTACKS, ACCURACY = "columns", "head", "radii", "attacks", "accuracy"

# The kind of a field, and the step after which it is that; before, and where nothing looks at it, it is only stated.
Treatment = tuple[str, str]

_NOT_LOOKED_AT: Treatment = (STATED, FORM)


def _proof(step: str) -> dict[str, Treatment]:
    """A bound, and how it is to be proved; `lower` is a witness of tightness, of which nothing follows."""
    hints = dict.fromkeys(("rule", "level", "grid", "twist", "axes"), (CHECKED, step))
    return hints | {"upper": (PROVED, step), "lower": _NOT_LOOKED_AT}


def _inside(place: str, fields: Mapping[str, Treatment]) -> dict[str, Treatment]:
    return {f"{place}/{key}": treatment for key, treatment in fields.items()}


# By their place in the certificate, with * for the number of an item.
_PREDICATE: dict[str, Treatment] = {
    "tool": _NOT_LOOKED_AT,
    "model/file": _NOT_LOOKED_AT,
    "norm": (CHECKED, FORM),
    "level": (CHECKED, GAINS),
    "input/shape": (CHECKED, CONSTANTS),
    "nodes": (CHECKED, GRAPH),
    **_inside("nodes/*", dict.fromkeys(("name", "kind", "inputs", "shape"), (CHECKED, GRAPH))),
    **_inside("nodes/*", _proof(GAINS)),
    "nodes/*/constant": (PROVED, CONSTANTS),
    "spans": (CHECKED, CONSTANTS),
    **_inside("spans/*", dict.fromkeys(("from", "to"), (CHECKED, CONSTANTS))),
    **_inside("spans/*", _proof(CONSTANTS)),
    **_inside("spans/*/through", _proof(CONSTANTS)),
    **_inside("spans/*/wrong", _proof(CONSTANTS)),
    "output": (CHECKED, GRAPH),
    "lipschitz": (PROVED, CONSTANTS),
    "assumptions": (CHECKED, FORM),
    "columns": (CHECKED, COLUMNS),
    # What the columns of a table are called is not in a model.
    **_inside("columns/*", dict.fromkeys(("column", "from", "to"), _NOT_LOOKED_AT)),
    "columns/*/places": (CHECKED, COLUMNS),
    **_inside("columns/*", dict.fromkeys(("least", "greatest"), (PROVED, COLUMNS))),
    "tolerance/columns": _NOT_LOOKED_AT,
    **_inside("tolerance", dict.fromkeys(("places", "sizes"), (CHECKED, TOLERANCE))),
    **_inside("tolerance", dict.fromkeys(("box", "rest", "ellipsoid"), (PROVED, TOLERANCE))),
    "head/distances": (PROVED, HEAD),
    "head/rest": (PROVED, HEAD),
    "inference/semantics": (CHECKED, RADII),
    "inference/input_norm": (CHECKED, HEAD),
    "inference/error/float64": (PROVED, HEAD),
    "inference/error/float32": (PROVED, HEAD),
    "samples/inputs": (CHECKED, RADII),
    "samples/radii": (PROVED, RADII),
    "samples/within_tolerance": (PROVED, KEPT),
    # Of which data set the inputs are a part is not in them.
    "samples/part/name": _NOT_LOOKED_AT,
    "samples/part/digest": _NOT_LOOKED_AT,
    "samples/labels": (CHECKED, ACCURACY),
    "samples/accuracy": (PROVED, ACCURACY),
    "attacks": (CHECKED, ATTACKS),
    # That there is an attack at that distance is not looked at, only that none lies inside the radius.
    "attacks/*/sample": (CHECKED, ATTACKS),
    "attacks/*/distance": _NOT_LOOKED_AT,
}
FIELDS: dict[str, Treatment] = {
    "/_type": (CHECKED, FORM),
    "/predicateType": (CHECKED, FORM),
    "/subject/*/name": (CHECKED, SUBJECT),
    "/subject/*/digest/sha256": (CHECKED, SUBJECT),
    **_inside("/predicate", _PREDICATE),
}


def check_fields(certificate: Any) -> None:
    """Whether it is known what is done with each field: what nobody proves again, nobody should read in one that holds.

    Raises:
        RefusedError: Naming the first that is not known.
    """
    for pointer, pattern in _leaves(certificate, "", ""):
        if pattern not in FIELDS:
            holder, _, key = pointer.rpartition("/")
            raise RefusedError(holder or "certificate", f"states {key!r:.80}, which cannot be checked")


def treatments(certificate: Any, done: Collection[str]) -> dict[str, str]:
    """For each field by its JSON pointer (RFC 6901) whether it was proved, checked or only stated.

    Args:
        certificate: The certificate.
        done: The steps after which nothing had failed.
    """
    found = {}
    for pointer, pattern in _leaves(certificate, "", ""):
        kind, step = FIELDS.get(pattern, _NOT_LOOKED_AT)
        found[pointer] = kind if step in done else STATED
    return found


def unreached(certificate: Any, reached: Collection[str]) -> list[str]:
    """The fields that are to be proved or checked in another step than those that were reached."""
    return [
        pointer
        for pointer, pattern in _leaves(certificate, "", "")
        if FIELDS[pattern][0] != STATED and FIELDS[pattern][1] not in reached
    ]


def _leaves(value: Any, pointer: str, pattern: str) -> Iterator[tuple[str, str]]:
    """The pointer and the pattern of each value; a list without objects is one value, as is what is empty."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            escaped = key if str(key).isidentifier() else str(key).replace("~", "~0").replace("/", "~1")
            yield from _leaves(inner, f"{pointer}/{escaped}", f"{pattern}/{escaped}")
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for i, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{i}", f"{pattern}/*")
    else:
        yield pointer, pattern
