"""Re-proving every number of a certificate from the model's file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.certify.archive import read_archive
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64
from lipbuild.certify.bounds.rounding import add_up, up
from lipbuild.certify.composition import compose, prove, prove_spans, shapes_of
from lipbuild.certify.digests import array_digest, config_digest, weights_digest
from lipbuild.certify.head import head_of
from lipbuild.certify.inference import forward, inference_error
from lipbuild.certify.keras_config import network_of
from lipbuild.certify.network import Network
from lipbuild.certify.radii import binary_radii, pairwise_radii
from lipbuild.certify.verify.verdict import Failure, Verdict
from lipbuild.errors import RefusedError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:lipbuild:certificate:v1"


class _Malformed(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(where, message)


def verify(
    model: Path,
    certificate: Mapping[str, Any],
    *,
    inputs: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    exact: bool | None = None,
) -> Verdict:
    """Check a certificate against a `.keras` file.

    Everything is computed anew from the file: digests, the graph, a proof of each operation's bound, the
    composition, the head, the rounding errors and, where the data is given, logits and radii. A statement
    holds where what is stated is no stronger than what is proved here.

    Args:
        model: a `.keras` file.
        certificate: the parsed certificate.
        inputs: the data whose radii the certificate states, if any.
        labels: its labels.
        exact: whether to prove in integers (python-flint); as the certificate was, where left out.

    Returns:
        The verdict: where it fails, and why.

    Raises:
        UnusableError: if the model's file cannot be read.
    """
    failures: list[Failure] = []
    checked: list[str] = []
    unchecked: list[str] = []
    try:
        config, weights = read_archive(model)
        predicate = _predicate(certificate)
        _subject(certificate, {"config.json": config_digest(config), "weights": weights_digest(weights)})
        checked.append("the digests of the configuration and the weights")
        network = network_of(config, weights)
        level = predicate.get("level") == "exact" if exact is None else exact
        gains, constants = _nodes(network, predicate, level, failures)
        checked.append(f"the bounds of {len(network.nodes)} nodes and their composition")
        if predicate.get("input", {}).get("preprocessing"):
            unchecked.append("the constant of what happens to data before the network: it is as stated")
        if "samples" in predicate:
            total = _inference(network, predicate, gains, constants)
            checked.append("the head and the rounding errors")
            _samples(network, predicate, total, inputs, labels, checked, unchecked)
    except _Malformed as error:
        failures.append(error.failure)
    except RefusedError as error:
        failures.append(Failure("model", str(error)))
    return Verdict(tuple(failures), tuple(checked), tuple(unchecked))


def _predicate(certificate: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(certificate, Mapping) or certificate.get("_type") != STATEMENT_TYPE:
        raise _Malformed("certificate", "not an in-toto statement")
    predicate = certificate.get("predicate")
    if certificate.get("predicateType") != PREDICATE_TYPE or not isinstance(predicate, Mapping):
        raise _Malformed(
            "certificate", f"of the type {certificate.get('predicateType')!r}, which is not known"
        )
    if predicate.get("norm") != "L2":
        raise _Malformed("certificate", f"speaks of the norm {predicate.get('norm')!r}")
    return predicate


def _subject(certificate: Mapping[str, Any], digests: Mapping[str, str]) -> None:
    try:
        stated = {s["name"]: s["digest"]["sha256"] for s in certificate["subject"]}
    except (KeyError, TypeError) as error:
        raise _Malformed("subject", f"cannot be read: {error!r}") from error
    for name, digest in digests.items():
        if stated.get(name) != digest:
            raise _Malformed(name, "has another digest: the certificate is about another model")


def _nodes(
    network: Network, predicate: Mapping[str, Any], exact: bool, failures: list[Failure]
) -> tuple[dict[str, float], dict[str, float]]:
    """The stated gains and constants; a failure for each that cannot be re-proved."""
    shapes = shapes_of(network)
    rows = predicate.get("nodes")
    if not isinstance(rows, list) or len(rows) != len(network.nodes):
        raise _Malformed("nodes", f"states {len(rows or [])} nodes; the model has {len(network.nodes)}")
    for node, row in zip(network.nodes, rows, strict=True):
        graph = (row.get("name"), row.get("kind"), row.get("inputs"), row.get("shape"))
        if graph != (node.name, node.kind, list(node.inputs), list(shapes[node.name])):
            raise _Malformed(node.name, f"is a {node.kind} in the model; the certificate states {graph}")
    if predicate.get("output") != network.output:
        raise _Malformed("output", f"is `{network.output}` in the model")
    stated = {row["name"]: row for row in rows}
    gains: dict[str, float] = {}
    bounds = prove(network, exact=exact)
    for name, bound in bounds.items():
        upper, lower = _number(stated[name], "upper", name), _number(stated[name], "lower", name)
        gains[name] = upper
        if not bound.upper <= upper:
            failures.append(Failure(name, f"is proved up to {bound.upper:.17g} only; {upper:.17g} is stated"))
        if stated[name].get("level") != bound.level:
            failures.append(
                Failure(name, f"states the level {stated[name].get('level')}; it is {bound.level}")
            )
        if not lower <= bound.upper:
            failures.append(
                Failure(name, f"states the gain {lower:.17g}; no vector has more than {bound.upper:.17g}")
            )
    initial = _number(predicate.get("input", {}), "constant", "input")
    if not predicate.get("input", {}).get("preprocessing") and initial != 1.0:
        failures.append(
            Failure("input", f"states the constant {initial:.17g} without a preprocessing; it is 1")
        )
    composed = compose(network, gains, initial, _spans(network, predicate, bounds))
    constants = {name: _number(row, "constant", name) for name, row in stated.items()}
    for name, value in composed.items():
        if not value <= constants[name]:
            failures.append(Failure(name, f"composes to {value:.17g}; {constants[name]:.17g} is stated"))
    if not composed[network.output] <= _number(predicate, "lipschitz", "lipschitz"):
        failures.append(Failure("lipschitz", f"composes to {composed[network.output]:.17g}; less is stated"))
    return gains, composed


def _spans(
    network: Network, predicate: Mapping[str, Any], bounds: Mapping[str, Bound]
) -> list[tuple[str, str, float]]:
    """The stated spans, each of which is proved again."""
    proved = {(span.source, span.target): span.bound.upper for span in prove_spans(network, bounds)}
    stated = []
    for row in predicate.get("spans", []):
        ends, upper = (row.get("from"), row.get("to")), _number(row, "upper", "spans")
        if not proved.get(ends, math.inf) <= upper:
            raise _Malformed("spans", f"a span from {ends[0]} to {ends[1]} is not proved up to {upper:.17g}")
        stated.append((*ends, upper))
    return stated


def _inference(
    network: Network, predicate: Mapping[str, Any], gains: Mapping[str, float], constants: Mapping[str, float]
) -> float:
    """The error that radii must have subtracted, after checking the stated head and errors."""
    head = head_of(network, constants)
    stated = predicate.get("head", {})
    if not head.rest <= _number(stated, "rest", "head"):
        raise _Malformed("head", f"the rest of the network has the constant {head.rest:.17g}; less is stated")
    try:
        distances = np.array([[float.fromhex(d) for d in row] for row in stated["distances"]])
    except (KeyError, TypeError, ValueError) as error:
        raise _Malformed("head", f"the distances cannot be read: {error!r}") from error
    if distances.shape != head.distances.shape or not (head.distances <= distances).all():
        raise _Malformed("head", "a distance of two rows of the last kernel is larger than stated")
    inference = predicate.get("inference", {})
    norm = _number(inference, "input_norm", "inference")
    total = 0.0
    semantics = inference.get("semantics")
    if semantics not in {"real", "float32"}:
        raise _Malformed("inference", f"states the semantics {semantics!r}, which are not known")
    for name, unit in (("float64", UNIT_ROUNDOFF_64), ("float32", UNIT_ROUNDOFF_32)):
        bound = inference_error(network, gains, norm, unit)
        if not bound <= _number(inference.get("error", {}), name, "inference", infinite=True):
            raise _Malformed("inference", f"the error of {name} is up to {bound:.3g}; less is stated")
        if name == "float64" or semantics == "float32":
            total = add_up(total, bound)
    return total


def _samples(
    network: Network,
    predicate: Mapping[str, Any],
    total: float,
    inputs: np.ndarray | None,
    labels: np.ndarray | None,
    checked: list[str],
    unchecked: list[str],
) -> None:
    samples = predicate["samples"]
    if inputs is None:
        unchecked.append("the radii: their data was not given")
        return
    if samples.get("inputs") != array_digest(np.asarray(inputs)):
        raise _Malformed("samples", "the radii are about other data")
    try:
        radii = np.array([float.fromhex(r) for r in samples["radii"]])
    except (KeyError, TypeError, ValueError) as error:
        raise _Malformed("samples", f"the radii cannot be read: {error!r}") from error
    if radii.shape != (len(inputs),) or not (radii >= 0.0).all():
        raise _Malformed("samples", f"{radii.size} radii for {len(inputs)} samples, or negative ones")
    # Where an error is infinite no radius but 0 is proved.
    logits = forward(network, inputs)
    head = predicate["head"]
    rest = float.fromhex(head["rest"])
    if logits.shape[1] == 1:
        proved = binary_radii(logits, rest, error=total)
    else:
        distances = np.array([[float.fromhex(d) for d in row] for row in head["distances"]])
        proved = pairwise_radii(logits, distances, rest, error=total)
    # The errors hold for inputs up to a norm, perturbation included.
    norm = float.fromhex(predicate["inference"]["input_norm"])
    flat = np.asarray(inputs, np.float64).reshape(len(inputs), -1)
    lengths = np.sqrt(np.sum(flat * flat, axis=1)) * (1.0 + 1e-10)
    moved = up(up(radii * float.fromhex(predicate["input"]["constant"])) + lengths)
    beyond = (radii > proved) | ((radii > 0.0) & (moved > norm))
    if beyond.any():
        i = int(np.argmax(beyond))
        raise _Malformed(f"sample {i}", f"has the radius {proved[i]:.17g} at most; {radii[i]:.17g} is stated")
    checked.append(f"the radii of {len(radii)} samples")
    for attack in predicate.get("attacks", []):
        i, distance = attack.get("sample"), _number(attack, "distance", "attacks")
        if not isinstance(i, int) or not 0 <= i < len(radii) or distance < radii[i]:
            raise _Malformed(
                "attacks", f"a stored attack at {distance:.17g} lies inside the radius of sample {i}"
            )
    if "labels" in samples:
        if labels is None:
            unchecked.append("the accuracy: the labels were not given")
            return
        if samples["labels"] != array_digest(np.asarray(labels)):
            raise _Malformed("samples", "the accuracy is about other labels")
        predictions = (
            (logits[:, 0] > 0.0).astype(np.int64) if logits.shape[1] == 1 else np.argmax(logits, axis=1)
        )
        accuracy = float(np.mean(predictions == np.asarray(labels).ravel()))
        if samples.get("accuracy") != accuracy:
            raise _Malformed(
                "samples", f"the accuracy is {accuracy:.6g}; {samples.get('accuracy')} is stated"
            )
        checked.append("the accuracy")


def _number(row: Any, key: str, where: str, infinite: bool = False) -> float:
    """A hexadecimal float that is not negative."""
    try:
        value = float.fromhex(row[key])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _Malformed(where, f"`{key}` cannot be read: {error!r}") from error
    if not value >= 0.0 or (math.isinf(value) and not infinite):
        raise _Malformed(where, f"`{key}` is {value}")
    return value
