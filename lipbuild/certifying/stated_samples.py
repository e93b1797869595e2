"""What a certificate states of samples: head, rounding errors and radii, with room for another program's roundings."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from lipbuild.certifying.bounded_logits import Array
from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_64
from lipbuild.certifying.bounds.rounding import mul_up, up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.digests import array_digest
from lipbuild.certifying.head import Head
from lipbuild.certifying.inference import TINY, has_subnormals
from lipbuild.certifying.sample_radii import Semantics, sample_radii
from lipbuild.errors import RefusedError

_LARGEST = float(np.finfo(np.float64).max)
# Another machine rounds the same proof differently: what is stated leaves it room.
_ROOM = 1.0 + 2.0**-40
_ROOM_OF_RADII = 1.0 - 2.0**-30
# The verifier counts up to twice as many roundings and twice the underflow, and rounds each sum up by more.
_ROOM_OF_ERRORS = 2.0 + 2.0**-12
_ROOM_OF_STATED_ERRORS = 1.0 + 2.0**-28
_ROOM_OF_NORMS = 1.0 - 1e-9


def state_samples(
    certified: CertifiedNetwork,
    inputs: np.ndarray,
    labels: np.ndarray | None,
    *,
    semantics: Semantics,
    input_norm: float | None = None,
) -> dict[str, Any]:
    """The fields `head`, `inference` and `samples` of a certificate.

    The radii are those of `sample_radii`. In `float32` semantics the error is that of every input up to
    `input_norm`, which a verifier computes too, and no radius leaves that norm.

    Args:
        certified: The network with the constants that are stated.
        inputs: (samples, *input shape), what the network takes.
        labels: (samples,) or (samples, 1), whole numbers, for the accuracy.
        semantics: What the radii are ones of.
        input_norm: The largest L2 norm of an input, perturbation included, for which errors of rounding are stated;
            twice the largest of `inputs` where left out, in `float32` of those at which sums cannot overflow.

    Raises:
        RefusedError: The data does not fit, or nothing is known of the rounding.
    """
    _check_samples(inputs, labels, shapes_of(certified.network)[certified.network.nodes[0].name])
    norms = _norms(inputs)
    norm = _norm_of_errors(certified, norms, semantics) if input_norm is None else input_norm
    if semantics == "float32" and norm > certified.range32 > 0.0:
        raise RefusedError(
            f"in float32 a sum could overflow for inputs of the norm {norm:.3g}",
            f"give a norm of {certified.range32:.3g} or less",
        )
    most = np.array([norm])
    error64 = mul_up(_ROOM_OF_ERRORS, float(certified.error_within(most, UNIT_ROUNDOFF_64)[0]))
    error32 = mul_up(_ROOM_OF_ERRORS, float(certified.error32_within(most)[0]))
    logits = certified.logits(inputs)
    if math.isinf(error32) if semantics == "float32" else np.isinf(logits.error64).all():
        raise _unknown_rounding(certified, semantics)
    # Nothing between two columns stays nothing.
    head = Head(np.asarray(certified.head.distances * _ROOM, np.float64), certified.head.rest)
    stated = replace(
        logits,
        error64=up(_ROOM_OF_ERRORS * logits.error64 + TINY),
        error32=np.full_like(norms, mul_up(error32, _ROOM_OF_STATED_ERRORS)),
        slope32=0.0,
        room32=certified.room32(norms, norm) * _ROOM_OF_NORMS,
    )
    # Where nothing at all can change a class the radius is infinite, which cannot be stated.
    radii = np.minimum(sample_radii(stated, head, semantics), _LARGEST) * _ROOM_OF_RADII
    samples: dict[str, Any] = {
        "inputs": array_digest(np.asarray(inputs)),
        "radii": [r.hex() for r in radii.tolist()],
    }
    if labels is not None:
        # Beyond float64 there is no class.
        classes = np.where(np.isfinite(logits.error64), logits.labels, -1)
        samples |= {
            "labels": array_digest(np.asarray(labels)),
            "accuracy": float(np.mean(classes == np.asarray(labels).ravel())),
        }
    return {
        "head": {
            "distances": [[d.hex() for d in row] for row in head.distances.tolist()],
            "rest": head.rest.hex(),
        },
        "inference": {
            "semantics": semantics,
            "input_norm": norm.hex(),
            "error": {"float64": error64.hex(), "float32": error32.hex()},
        },
        "samples": samples,
    }


def _norm_of_errors(certified: CertifiedNetwork, norms: Array, semantics: Semantics) -> float:
    """Twice the largest norm of a sample; in float32 of those at which nothing can overflow."""
    if semantics != "float32" or certified.range32 == 0.0:
        return min(2.0 * float(norms.max()), _LARGEST)
    return min(2.0 * float(norms.max(initial=0.0, where=norms <= certified.range32)), certified.range32)


def _norms(inputs: np.ndarray) -> Array:
    """L2 norms, rounded up generously."""
    flat = np.asarray(inputs, np.float64).reshape(len(inputs), -1)
    largest = np.max(np.abs(flat), axis=1, keepdims=True, initial=0.0)
    scaled = flat / np.where(largest > 0.0, largest, 1.0)
    norms = np.sqrt(np.sum(scaled * scaled, axis=1)) * largest[:, 0] * (1.0 + 1e-9) + 1e-150
    return np.asarray(norms, np.float64)


def _check_samples(inputs: np.ndarray, labels: np.ndarray | None, shape: tuple[int, ...]) -> None:
    """Samples whose radii can be stated, and a whole number for each where there are labels."""
    if inputs.shape[1:] != shape or inputs.size == 0:
        raise RefusedError(
            f"the data has the shape {inputs.shape}, and samples of the shape {shape} are needed"
        )
    finite = np.isfinite(inputs.reshape(len(inputs), -1)).all(axis=1)
    if not finite.all():
        raise RefusedError(
            f"sample {int(np.argmin(finite))} of the data holds a value that is NaN or infinite"
        )
    if labels is None:
        return
    if labels.shape not in {(len(inputs),), (len(inputs), 1)} or labels.dtype.kind not in "biuf":
        raise RefusedError(
            f"the labels are {labels.dtype} of the shape {labels.shape}; one number for each of "
            f"{len(inputs)} samples is needed, that of its class"
        )
    if not np.array_equal(labels, np.trunc(labels)):
        raise RefusedError("a label is not a whole number; the number of a class is needed")


def _unknown_rounding(certified: CertifiedNetwork, semantics: Semantics) -> RefusedError:
    """Why nothing is known of the errors: the first node that says it."""
    for node in certified.network.nodes[1:]:
        rounding: Any = certified.roundings.get(node.name, False)
        if rounding is False or (rounding is not None and not (rounding.library and semantics == "float32")):
            continue
        if has_subnormals(node):
            return RefusedError(
                f"`{node.name}` has weights below 2^-126, which float32 arithmetic may take for 0, so no radius of "
                "float32 can be stated",
                "set them to 0, or state the radii of the real function (`--semantics real`)",
            )
        return RefusedError(
            f"`{node.name}` computes its values with a rounding that is not known, so no radius can be stated",
            "state the radii of the real function (`--semantics real`), or use another activation",
        )
    return RefusedError(
        "the rounding errors are beyond what arithmetic can bound, so no radius can be stated"
    )
