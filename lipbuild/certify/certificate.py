"""Writing a certificate: an in-toto Statement about a model and its proved bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64
from lipbuild.certify.bounds.room import ROUNDED
from lipbuild.certify.bounds.rounding import add_up, mul_up
from lipbuild.certify.composition import compose, prove, prove_spans, shapes_of
from lipbuild.certify.digests import array_digest, config_digest, weights_digest
from lipbuild.certify.head import Head, head_of
from lipbuild.certify.inference import forward, inference_error
from lipbuild.certify.keras_config import network_of
from lipbuild.certify.network import Network
from lipbuild.certify.operations import OPERATIONS
from lipbuild.certify.radii import binary_radii, pairwise_radii
from lipbuild.errors import RefusedError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:lipbuild:certificate:v2"
SEMANTICS = ("real", "float32", "guarded")
ASSUMPTIONS = (
    "float64 arithmetic of prover and verifier is that of IEEE 754; matrix products sum rounded products "
    "in any order, with or without fused multiply-add, and not by Strassen's algorithm",
    "the weights are served as stored; float32 products are not computed by TF32, bfloat16, float16, "
    "Winograd's algorithm or integers",
    "distances are Euclidean, between inputs as the network takes them",
)
# Another machine rounds the same proof differently: what is stated leaves it room.
_ROOM = 1.0 + 2.0**-40
_ROOM_OF_RADII = 1.0 - 2.0**-30
_ROOM_OF_ERRORS = 2.0


def certify(
    config: Mapping[str, Any],
    weights: Mapping[str, Sequence[np.ndarray]],
    *,
    inputs: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    input_norm: float | None = None,
    semantics: str = "real",
    exact: bool = False,
    file: str | None = None,
    tool: str = "lipbuild",
) -> dict[str, Any]:
    """Prove a model's constants and state them.

    Args:
        config: the content of the model's `config.json`.
        weights: for each layer its weights, in order.
        inputs: (samples, *input shape), whose radii are to be stated.
        labels: (samples,), whole numbers, for the certified accuracy.
        input_norm: the largest L2 norm of an input, perturbation included, for which rounding errors are
            bounded; twice the largest of `inputs` where left out.
        semantics: `real` states radii of the real function, with the error of the float64 logits subtracted;
            `float32` those of the network as it is served, with the error of float32 subtracted too; `guarded`
            those of the real function, which the network served behind a guard never contradicts.
        exact: whether to prove in integers (python-flint).
        file: the name of the model's file, without a folder.
        tool: name and version of the program.

    Returns:
        The certificate, ready for `json.dumps`; numbers are hexadecimal floats.

    Raises:
        RefusedError: if the model cannot be certified; the message names the node.
        ValueError: if an argument does not fit.
    """
    if semantics not in SEMANTICS:
        raise ValueError(f"unknown semantics {semantics!r}: not one of {', '.join(SEMANTICS)}")
    network = network_of(config, weights)
    shapes, bounds = shapes_of(network), prove(network, exact=exact)
    gains = {name: stated_upper(bound) for name, bound in bounds.items()}
    # Spans are proved in floats: in integers they are left out.
    spans = [] if exact else [(span, stated_upper(span.bound)) for span in prove_spans(network, bounds)]
    ends = [(span.source, span.target, upper) for span, upper in spans]
    constants = compose(network, gains, spans=ends)
    rows = []
    for node in network.nodes:
        row: dict[str, Any] = {"name": node.name, "kind": node.kind, "inputs": list(node.inputs)}
        row["shape"] = list(shapes[node.name])
        if node.name in bounds:
            row |= _proof(bounds[node.name], gains[node.name])
        row["constant"] = constants[node.name].hex()
        rows.append(row)
    predicate: dict[str, Any] = {
        "tool": tool,
        "norm": "L2",
        "level": "exact" if all(bound.level == "exact" for bound in bounds.values()) else "float64",
        "input": {"shape": list(shapes[network.nodes[0].name])},
        "nodes": rows,
        "spans": [
            {"from": span.source, "to": span.target}
            | _proof(span.bound, upper)
            | {name: _proof(part, part.upper) for name, part in span.parts.items()}
            for span, upper in spans
        ],
        "output": network.output,
        "lipschitz": constants[network.output].hex(),
        "assumptions": list(ASSUMPTIONS),
    }
    if file is not None:
        predicate["model"] = {"file": file}
    if inputs is not None:
        _check_samples(inputs, labels, shapes[network.nodes[0].name])
        head = head_of(network, constants)
        distances = np.asarray(head.distances * _ROOM, np.float64)
        head = Head(distances, head.rest)
        predicate["head"] = {
            "distances": [[d.hex() for d in row] for row in distances.tolist()],
            "rest": head.rest.hex(),
        }
        norm = 2.0 * _largest_norm(inputs) if input_norm is None else input_norm
        errors = {
            name: mul_up(_ROOM_OF_ERRORS, inference_error(network, gains, norm, unit))
            for name, unit in (("float64", UNIT_ROUNDOFF_64), ("float32", UNIT_ROUNDOFF_32))
        }
        # Every input within a stated radius must be within the norm that the error holds for.
        predicate["inference"] = {
            "semantics": semantics,
            "input_norm": norm.hex(),
            "error": {name: error.hex() for name, error in errors.items()},
        }
        total = add_up(errors["float64"], errors["float32"] if semantics == "float32" else 0.0)
        if math.isinf(total):
            raise _unknown_rounding(network, shapes, semantics)
        logits = forward(network, inputs)
        radii = np.minimum(radii_of(logits, head, total), _room_left(inputs, norm))
        radii = np.asarray(radii * _ROOM_OF_RADII, np.float64)
        predicate["samples"] = {
            "inputs": array_digest(np.asarray(inputs)),
            "radii": [r.hex() for r in radii.tolist()],
        }
        if labels is not None:
            predicate["samples"] |= {
                "labels": array_digest(np.asarray(labels)),
                "accuracy": float(np.mean(predictions_of(logits) == np.asarray(labels).ravel())),
            }
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": "config.json", "digest": {"sha256": config_digest(config)}},
            {"name": "weights", "digest": {"sha256": weights_digest(weights)}},
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


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
        raise RefusedError("a label is no whole number; the number of a class is needed")


def _unknown_rounding(
    network: Network, shapes: Mapping[str, tuple[int, ...]], semantics: str
) -> RefusedError:
    for node in network.nodes[1:]:
        operation = OPERATIONS[node.kind]
        if not operation.unary:
            continue
        rounding = operation.rounding(node, [shapes[name] for name in node.inputs])
        if rounding is None or (rounding.library and semantics == "float32"):
            computed = "kernel" in node.arrays
            return RefusedError(
                f"`{node.name}` computes {'its kernel' if computed else 'its values'} when it is served, with a "
                "rounding that is not known, so no radius of float32 can be stated",
                "certify its plain export (`lipbuild export`), or state the radii of the real function"
                if computed
                else "state the radii of the real function (`--semantics real`), or use another activation",
            )
    return RefusedError("the rounding errors are beyond float64, so no radius can be stated")


def stated_upper(bound: Bound) -> float:
    """An upper bound with the room that another program needs to prove it again."""
    if bound.level == "exact" and bound.room == 0.0:
        return bound.upper
    return mul_up(bound.upper, 1.0 + max(bound.room, ROUNDED))


def _proof(bound: Bound, upper: float) -> dict[str, Any]:
    proof = {"rule": bound.method, "level": bound.level, "upper": upper.hex(), "lower": bound.lower.hex()}
    return proof | dict(bound.hint)


def radii_of(logits: np.ndarray, head: Head, error: float) -> np.ndarray:
    """Radii of (samples, classes) logits; a single logit is held against 0."""
    if logits.shape[1] == 1:
        return binary_radii(logits, head.rest, error=error)
    return pairwise_radii(logits, head.distances, head.rest, error=error)


def predictions_of(logits: np.ndarray) -> np.ndarray:
    """The predicted classes; 0 or 1 for a single logit."""
    return (logits[:, 0] > 0.0).astype(np.int64) if logits.shape[1] == 1 else np.argmax(logits, axis=1)


def _norms(inputs: np.ndarray) -> np.ndarray:
    """L2 norms, rounded up generously."""
    flat = np.asarray(inputs, np.float64).reshape(len(inputs), -1)
    return np.asarray(np.sqrt(np.sum(flat * flat, axis=1)) * (1.0 + 1e-9) + 1e-150, np.float64)


def _largest_norm(inputs: np.ndarray) -> float:
    return float(np.max(_norms(inputs), initial=0.0))


def _room_left(inputs: np.ndarray, norm: float) -> np.ndarray:
    """How far each input may move while its norm stays below the one that rounding errors are bounded for."""
    return np.asarray(np.maximum((norm - _norms(inputs)) * (1.0 - 1e-9), 0.0), np.float64)
