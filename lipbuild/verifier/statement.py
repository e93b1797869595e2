"""Numbers of a certificate."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.fields import check_fields
from lipbuild.verifier.floats import Array

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
VERSION = 2
PREDICATE_TYPE = f"urn:lipbuild:certificate:v{VERSION}"

_VERSIONED = re.compile(r"urn:lipbuild:certificate:v([1-9][0-9]{0,5})")
# A name and no path, on any system.
_NAME = re.compile(r'[^/\\:*?"<>|\x00-\x1f]{1,255}')

ASSUMPTIONS = (
    "float64 arithmetic of prover and verifier is that of IEEE 754; matrix products sum rounded products "
    "in any order, with or without fused multiply-add, and not by Strassen's algorithm",
    "keras.config where the model is served has the epsilon 1e-7, in float32, the float type float32 and channels last",
    "the weights are served as stored; float32 products are not computed by TF32, bfloat16, float16, "
    "Winograd's algorithm or integers",
    "distances are Euclidean, between inputs as the network takes them",
)


def predicate_of(certificate: Any) -> Mapping[str, Any]:
    """What a certificate says, if it is one.

    Raises:
        RefusedError: If it is not.
    """
    if not isinstance(certificate, Mapping) or certificate.get("_type") != STATEMENT_TYPE:
        raise RefusedError("certificate", "is not an in-toto statement")
    _check_version(certificate.get("predicateType"))
    predicate = certificate.get("predicate")
    if not isinstance(predicate, Mapping):
        raise RefusedError("certificate", "has no `predicate`")
    if predicate.get("norm") != "L2":
        raise RefusedError("certificate", f"speaks of the norm {predicate.get('norm')!r}")
    check_fields(certificate)
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
        RefusedError: If none is named, or it is more than a name.
    """
    name = part(predicate, "model", "model").get("file")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not name.endswith(".keras"):
        raise RefusedError("model", f"`file` is {name!r:.80}, which is not the name of a `.keras` file")
    return name


def digests_of(certificate: Mapping[str, Any]) -> dict[str, str]:
    """What a certificate is about: digests by names.

    Raises:
        RefusedError: If something is named twice, or by more than its digest.
    """
    digests: dict[str, str] = {}
    for item in rows_of(certificate, "subject"):
        digest = part(item, "digest", "subject")
        name, value = item.get("name"), digest.get("sha256")
        texts = isinstance(name, str) and isinstance(value, str)
        if not texts or set(item) != {"name", "digest"} or set(digest) != {"sha256"} or name in digests:
            raise RefusedError("subject", "is not a list of names with one sha256 each")
        digests[str(name)] = str(value)
    return digests


def part(holder: Any, key: str, where: str) -> Mapping[str, Any]:
    """An object inside another.

    Raises:
        RefusedError: If there is none.
    """
    value = holder.get(key) if isinstance(holder, Mapping) else None
    if not isinstance(value, Mapping):
        raise RefusedError(where, f"`{key}` is missing")
    return value


def rows_of(holder: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty where it is missing.

    Raises:
        RefusedError: If it is something else.
    """
    value = holder.get(key, [])
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise RefusedError(key, "is not a list of objects")
    return value


def number(holder: Mapping[str, Any], key: str, where: str, *, infinite: bool = False) -> float:
    """A hexadecimal float that is not negative.

    Raises:
        RefusedError: If it is missing or none.
    """
    return hexadecimal(holder.get(key), key, where, infinite)


def numbers(holder: Mapping[str, Any], key: str, where: str, shape: tuple[int, ...]) -> Array:
    """An array of hexadecimal floats, none negative.

    Raises:
        RefusedError: If it is missing or has another shape.
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
    """The one way for a number into the verifier: a finite float that is not negative, as `float.hex` prints it.

    Args:
        value: The text.
        key: The field's name.
        where: Whose field it is.
        infinite: Whether it may be `inf`, by which nothing is stated.

    Raises:
        RefusedError: If it is anything else.
    """
    try:
        result = float.fromhex(value) if isinstance(value, str) else math.nan
    except (ValueError, OverflowError):
        result = math.nan
    if result.hex() != value:
        raise RefusedError(where, f"`{key}` is {value!r:.60}, and not a number as `float.hex` prints it")
    if math.copysign(1.0, result) < 0.0 or not (math.isfinite(result) or (infinite and result == math.inf)):
        raise RefusedError(where, f"`{key}` is {result}, and has to be finite and not negative")
    return result


def same(stated: Any, found: Any) -> bool:
    """Whether a value of JSON is another one, of the same types all through: 1 is neither 1.0 nor true."""
    texts = (json.dumps(value, sort_keys=True, default=repr) for value in (stated, found))
    return next(texts) == next(texts)
