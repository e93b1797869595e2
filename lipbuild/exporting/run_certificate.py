from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from lipbuild.certifying.certificate import PREDICATE_TYPE
from lipbuild.certifying.digests import config_digest, weights_digest
from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.reading.file import read_bytes
from lipbuild.reading.strict_json import strict_json
from lipbuild.saved.archive import read_archive
from lipbuild.training.run_folder import RunFolder


@dataclass(frozen=True)
class RunCertificate:
    """The certificate of a run, as an export refers to it.

    Attributes:
        sha256: The digest of its file.
        lipschitz: The constant that it states.
    """

    sha256: str
    lipschitz: float


def read_run_certificate(run: RunFolder) -> RunCertificate | None:
    """The certificate of a run's plain network; None where none has been made.

    Its numbers are proved again from the exported file, and here only its subject is compared.

    Raises:
        RefusedError: It is of another version or about another model, or cannot be read.
    """
    if not run.certificate.exists():
        return None
    advice = f"`lipbuild certify {run.path}` makes a new one"
    content = read_bytes(run.certificate, advice)
    try:
        statement = strict_json(content, "it")
        version = statement["predicateType"]
        stated = {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
        lipschitz = float.fromhex(statement["predicate"]["lipschitz"])
        if not math.isfinite(lipschitz):
            raise ValueError("its constant is not finite")
    except (LipbuildError, ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise RefusedError(
            f"{run.certificate}: it cannot be read as a certificate: {error!r:.200}", advice
        ) from None
    if version != PREDICATE_TYPE:
        raise RefusedError(
            f"{run.certificate}: it is a `{version}`, and this lipbuild reads `{PREDICATE_TYPE}`", advice
        )
    if not run.plain.is_file():
        raise RefusedError(f"{run.certificate}: {run.plain.name}, which it is about, is missing", advice)
    config, weights = read_archive(run.plain)
    if stated.get("config.json") != config_digest(config) or stated.get("weights") != weights_digest(weights):
        raise RefusedError(
            f"{run.certificate}: it is about another model than {run.plain.name} beside it", advice
        )
    return RunCertificate(hashlib.sha256(content).hexdigest(), lipschitz)
