from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from lipbuild.certify.archive import read_archive
from lipbuild.certify.digests import config_digest, weights_digest
from lipbuild.certify.keras_config import network_of
from lipbuild.certify.network import Node
from lipbuild.errors import RefusedError


@dataclass(frozen=True)
class RunCertificate:
    """The certificate of a run, as an export refers to it.

    Attributes:
        sha256: The digest of its file.
        lipschitz: The constant that it states.
        stored: Whether it is about weights as they are stored, and not about kernels and angles that layers compute
            from them, which any file holds rounded.
    """

    sha256: str
    lipschitz: float
    stored: bool


def read_run_certificate(certificate: Path, model: Path) -> RunCertificate | None:
    """The certificate of a model; None where none has been made.

    Its numbers are proved again from the exported file, and here only its subject is compared.

    Args:
        certificate: `certificate.json` of the run.
        model: `model.keras` of the run.

    Raises:
        RefusedError: It is about another model, or cannot be read.
    """
    if not certificate.is_file():
        return None
    content = certificate.read_bytes()
    advice = "`lipbuild certify` makes a new one"
    try:
        statement = json.loads(content)
        stated = {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
        lipschitz = float.fromhex(statement["predicate"]["lipschitz"])
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"{certificate}: it cannot be read as a certificate: {error!r}", advice) from None
    config, weights = read_archive(model)
    if stated.get("config.json") != config_digest(config) or stated.get("weights") != weights_digest(weights):
        raise RefusedError(f"{certificate}: it is about another model than {model.name} beside it", advice)
    stored = not any(map(_computes, network_of(config, weights).nodes))
    return RunCertificate(hashlib.sha256(content).hexdigest(), lipschitz, stored)


def _computes(node: Node) -> bool:
    errors = ("kernel_error", "factor_error")
    return node.kind == "householder" or any(node.parameters.get(key) for key in errors)
