"""Numbers of a certificate."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.certify.verify.errors import RefusedError
from lipbuild.certify.verify.floats import Array

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
VERSION = 2
PREDICATE_TYPE = f"urn:lipbuild:certificate:v{VERSION}"

_VERSIONED = re.compile(r"urn:lipbuild:certificate:v([1-9][0-9]{0,5})")
# A name and no path, on any system.
_NAME = re.compile(r'[^/\\:*?"<>|\x00-\x1f]{1,255}')

# All that a certificate may say. What nobody proves again, nobody should read in one that holds.
_FIELDS = {
    "": {"_type", "predicateType", "subject", "predicate"},
    "predicate": {
        "tool", "model", "norm", "level", "input", "nodes", "spans", "output", "lipschitz", "assumptions", "head",
        "inference", "samples", "attacks",
    },
    "model": {"file"},
    "input": {"shape"},
    "head": {"distances", "rest"},
    "inference": {"semantics", "input_norm", "error"},
    "samples": {"inputs", "radii", "labels", "accuracy"},
}  # fmt: skip
_PROOF = {"rule", "level", "upper", "lower", "grid", "twist", "axes"}
_ROWS = {
    "nodes": {"name", "kind", "inputs", "shape", "constant"} | _PROOF,
    "spans": {"from", "to", "through", "wrong"} | _PROOF,
    "attacks": {"sample", "distance"},
}
ASSUMPTIONS = (
    "float64 arithmetic of prover and verifier is that of IEEE 754; matrix products sum rounded products "
    "in any order, with or without fused multiply-add, and not by Strassen's algorithm",
    "the weights are served as stored; float32 products are not computed by TF32, bfloat16, float16, "
    "Winograd's algorithm or integers",
    "distances are Euclidean, between inputs as the network takes them",
)


def predicate_of(certificate: Any) -> Mapping[str, Any]:
    """What a certificate says, if it is one.

    Raises:
        RefusedError: if it is not.
    """
    if not isinstance(certificate, Mapping) or certificate.get("_type") != STATEMENT_TYPE:
        raise RefusedError("certificate", "is no in-toto statement")
    _check_version(certificate.get("predicateType"))
    predicate = certificate.get("predicate")
    if not isinstance(predicate, Mapping):
        raise RefusedError("certificate", "has no `predicate`")
    if predicate.get("norm") != "L2":
        raise RefusedError("certificate", f"speaks of the norm {predicate.get('norm')!r}")
    for key, known in _FIELDS.items():
        _check_fields({"": certificate, "predicate": predicate}.get(key, predicate.get(key)), key, known)
    for key, known in _ROWS.items():
        for row in rows_of(predicate, key):
            _check_fields(row, key, known)
            for inner in ("through", "wrong"):
                _check_fields(row.get(inner), key, _PROOF)
    if predicate.get("assumptions") != list(ASSUMPTIONS):
        raise RefusedError("assumptions", "are not those on which this rests")
    if "model" in predicate:
        file_of(predicate)
    return predicate


def _check_version(stated: Any) -> None:
    """Refuse what is of another type, and certificates of other versions by name."""
    found = _VERSIONED.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        raise RefusedError("certificate", f"is of the type {stated!r:.80}, which is not known")
    version = int(found[1])
    if version < VERSION:
        raise RefusedError(
            "certificate",
            f"is a certificate of version {version}, and those of version {VERSION} are read; "
            "`lipbuild certify MODEL` writes a new one",
        )
    if version > VERSION:
        raise RefusedError(
            "certificate",
            f"is a certificate of version {version}, and those of version {VERSION} are read; "
            "a later lipbuild reads it",
        )


def file_of(predicate: Mapping[str, Any]) -> str:
    """The name of the file that a certificate says it is of.

    Raises:
        RefusedError: if none is named, or it is more than a name.
    """
    name = part(predicate, "model", "model").get("file")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not name.endswith(".keras"):
        raise RefusedError("model", f"`file` is {name!r:.80}, which is not the name of a `.keras` file")
    return name


def digests_of(certificate: Mapping[str, Any]) -> dict[str, str]:
    """What a certificate is about: digests by names.

    Raises:
        RefusedError: if something is named twice, or by more than its digest.
    """
    digests: dict[str, str] = {}
    for item in rows_of(certificate, "subject"):
        digest = part(item, "digest", "subject")
        if set(item) != {"name", "digest"} or set(digest) != {"sha256"} or item["name"] in digests:
            raise RefusedError("subject", "is not a list of names with one sha256 each")
        digests[str(item["name"])] = str(digest["sha256"])
    return digests


def _check_fields(holder: Any, where: str, known: set[str]) -> None:
    others = set(holder) - known if isinstance(holder, Mapping) else set()
    if others:
        raise RefusedError(where or "certificate", f"states {sorted(others)}, which cannot be checked")


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
