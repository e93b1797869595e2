"""Writing a certificate: an in-toto Statement about a model and its proved bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import compose, prove, prove_spans, shapes_of
from lipbuild.certifying.network import Network
from lipbuild.certifying.sample_radii import SEMANTICS, Semantics
from lipbuild.certifying.stated_columns import Move, state_columns
from lipbuild.certifying.stated_samples import state_samples
from lipbuild.certifying.stated_tolerance import Tolerance, ToleranceBounds
from lipbuild.errors import RefusedError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:lipbuild:certificate:v2"
ASSUMPTIONS = (
    "float64 arithmetic of prover and verifier is that of IEEE 754; matrix products sum rounded products "
    "in any order, with or without fused multiply-add, and not by Strassen's algorithm",
    "keras.config where the model is served has the epsilon 1e-7, in float32, the float type float32 and channels last",
    "the weights are served as stored; float32 products are not computed by TF32, bfloat16, float16, "
    "Winograd's algorithm or integers",
    "distances are Euclidean, between inputs as the network takes them",
)


def certify(
    network: Network,
    subject: Mapping[str, str],
    *,
    inputs: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    part: tuple[str, str] | None = None,
    input_norm: float | None = None,
    semantics: Semantics = "real",
    exact: bool = False,
    columns: Sequence[Move] = (),
    tolerances: Sequence[Tolerance] = (),
    file: str | None = None,
    tool: str = "lipbuild",
) -> dict[str, Any]:
    """Prove a network's constants and state them.

    Args:
        network: The model, as it was read.
        subject: The SHA-256 of each thing that the certificate is of: the model's configuration and its weights.
        inputs: (samples, *input shape), whose radii are to be stated.
        labels: (samples,), whole numbers, for the certified accuracy.
        part: The name of the part of a data set that the inputs are, and its digest.
        input_norm: The largest L2 norm of an input, perturbation included, for which rounding errors are
            bounded; twice the largest of `inputs` where left out.
        semantics: `real` states radii of the real function, with the error of the float64 logits subtracted;
            `float32` those of the network as it is served, with the error of float32 subtracted too; `guarded`
            those of the real function, which the network served behind a guard never contradicts.
        exact: Whether to prove in integers (python-flint).
        columns: The changes of single columns whose effect is stated. What follows for them from the constants is
            computed in floats, with `exact` too: the verifier decides it in integers then.
        tolerances: By how much columns may be off, for how far the outputs then move; likewise.
        file: The name of the model's file, without a folder.
        tool: Name and version of the program.

    Returns:
        The certificate, ready for `json.dumps`; numbers are hexadecimal floats.

    Raises:
        RefusedError: If the network cannot be certified; the message names the node.
        ValueError: If an argument does not fit.
    """
    if semantics not in SEMANTICS:
        raise ValueError(f"unknown semantics {semantics!r}: not one of {', '.join(SEMANTICS)}")
    shapes, bounds = shapes_of(network), prove(network, exact=exact)
    gains = {name: bound.stated for name, bound in bounds.items()}
    # Spans are proved in floats: in integers they are left out.
    spans = [] if exact else [(span, span.bound.stated) for span in prove_spans(network, bounds)]
    ends = [(span.source, span.target, upper) for span, upper in spans]
    proofs = [*bounds.values(), *(span.bound for span, _ in spans)]
    constants = compose(network, gains, spans=ends)
    for name in constants:
        if not math.isfinite(gains.get(name, 0.0) + constants[name]):
            raise RefusedError(f"the constant of `{name}` is beyond the largest float64")
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
        "level": "exact" if {bound.level for bound in proofs} <= {"exact"} else "float64",
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
    if columns:
        predicate["columns"] = state_columns(network, gains, ends, columns)
    bounds_of_tolerance = None
    if tolerances:
        bounds_of_tolerance = ToleranceBounds.of(network, gains, ends, tolerances)
        predicate["tolerance"] = bounds_of_tolerance.as_statement()
    if file is not None:
        predicate["model"] = {"file": file}
    if inputs is not None:
        certified = CertifiedNetwork(network, gains, constants)
        predicate |= state_samples(certified, inputs, labels, semantics=semantics, input_norm=input_norm)
        if bounds_of_tolerance is not None:
            kept = bounds_of_tolerance.keeps_class(certified.logits(inputs))
            predicate["samples"]["within_tolerance"] = kept.tolist()
        if part is not None:
            predicate["samples"]["part"] = dict(zip(("name", "digest"), part))
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subject.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


def _proof(bound: Bound, upper: float) -> dict[str, Any]:
    proof = {"rule": bound.method, "level": bound.level, "upper": upper.hex(), "lower": bound.lower.hex()}
    return proof | dict(bound.hint)
