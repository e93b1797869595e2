from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import prove, shapes_of
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.audit.audit import Audit, AuditedLayer
from lipbuild.guard.verified import as_network
from lipbuild.verifier.errors import RefusedError as UnknownError
from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.exports.export import read_export
from lipbuild.verifier.verify import verify_export


def audit_export(path: Path) -> Audit:
    """Look at an exported file, read without its runtime: a bound of each operation, of the whole, and what it says.

    Args:
        path: The file or folder.

    Raises:
        RefusedError: An operation in it is not known.
        UnusableError: It cannot be read.
    """
    try:
        export = read_export(path)
        network = as_network(export.model)
        bounds, shapes = prove(network), shapes_of(network)
        lipschitz = CertifiedNetwork.of(network).lipschitz
    except UnreadableError as error:
        raise UnusableError(str(error)) from None
    except UnknownError as error:
        raise RefusedError(f"{path}: {error.where}: {error.message}") from None
    layers = tuple(
        AuditedLayer(
            node.name,
            node.kind,
            shapes[node.name],
            bounds[node.name].upper if node.name in bounds else None,
            bounds[node.name].lower if node.name in bounds else 0.0,
            "",
            (),
        )
        for node in network.nodes[1:]
    )
    known = math.isfinite(lipschitz)
    found = Audit(layers, lipschitz if known else None, "" if known else "the constant is beyond float64")
    return with_contradictions(found, path) if export.description else found


def with_contradictions(found: Audit, path: Path) -> Audit:
    """An audit of an export, with what its statement says otherwise."""
    failures = verify_export(path).failures
    return replace(found, contradictions=tuple(f"{one.where}: {one.message}" for one in failures))
