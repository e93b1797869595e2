"""Numbers of a certificate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.certify.verify.errors import RefusedError
from lipbuild.certify.verify.floats import Array

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:lipbuild:certificate:v1"

# All that a certificate may say. What nobody proves again, nobody should read in one that holds.
_FIELDS = {
    "": {"_type", "predicateType", "subject", "predicate"},
    "predicate": {
        "tool", "norm", "level", "input", "nodes", "spans", "output", "lipschitz", "assumptions", "head",
        "inference", "samples", "attacks",
    },
    "input": {"shape", "preprocessing", "constant"},
    "head": {"distances", "rest"},
    "inference": {"semantics", "input_norm", "error"},
    "samples": {"inputs", "radii", "labels", "accuracy"},
}  # fmt: skip


def predicate_of(certificate: Any) -> Mapping[str, Any]:
    """What a certificate says, if it is one.

    Raises:
        RefusedError: if it is not.
    """
    if not isinstance(certificate, Mapping) or certificate.get("_type") != STATEMENT_TYPE:
        raise RefusedError("certificate", "is no in-toto statement")
    predicate = certificate.get("predicate")
    if certificate.get("predicateType") != PREDICATE_TYPE or not isinstance(predicate, Mapping):
        raise RefusedError(
            "certificate", f"is of the type {certificate.get('predicateType')!r}, which is not known"
        )
    if predicate.get("norm") != "L2":
        raise RefusedError("certificate", f"speaks of the norm {predicate.get('norm')!r}")
    for key, known in _FIELDS.items():
        holder = {"": certificate, "predicate": predicate}.get(key, predicate.get(key))
        others = set(holder) - known if isinstance(holder, Mapping) else set()
        if others:
            raise RefusedError(key or "certificate", f"states {sorted(others)}, which cannot be checked")
    return predicate


def part(holder: Any, key: str, where: str) -> Mapping[str, Any]:
    """An object inside another.

    Raises:
        RefusedError: if there is none.
    """
    value = holder.get(key) if isinstance(holder, Mapping) else None
    if not isinstance(value, Mapping):
        raise RefusedError(where, f"`{key}` is missing")
    return value


def rows_of(holder: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty where it is missing.

    Raises:
        RefusedError: if it is something else.
    """
    value = holder.get(key, [])
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise RefusedError(key, "is no list of objects")
    return value


def number(holder: Mapping[str, Any], key: str, where: str, *, infinite: bool = False) -> float:
    """A hexadecimal float that is not negative.

    Raises:
        RefusedError: if it is missing or none.
    """
    return hexadecimal(holder.get(key), key, where, infinite)


def numbers(holder: Mapping[str, Any], key: str, where: str, shape: tuple[int, ...]) -> Array:
    """An array of hexadecimal floats, none negative.

    Raises:
        RefusedError: if it is missing or has another shape.
    """
    value = holder.get(key)
    try:
        array = np.array(value, dtype=object)
    except ValueError:
        array = np.array(None, dtype=object)
    if array.shape != shape:
        raise RefusedError(where, f"`{key}` has the shape {array.shape}; it should be {shape}")
    flat = [hexadecimal(item, key, where) for item in array.ravel()]
    return np.array(flat, np.float64).reshape(shape)


def hexadecimal(value: Any, key: str, where: str, infinite: bool = False) -> float:
    """A hexadecimal float that is not negative.

    Raises:
        RefusedError: if it is none.
    """
    try:
        result = float.fromhex(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise RefusedError(where, f"`{key}` is {value!r}, no hexadecimal float") from error
    if not result >= 0.0 or (math.isinf(result) and not infinite):
        raise RefusedError(where, f"`{key}` is {result}")
    return result
