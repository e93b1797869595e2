"""Whether an exported file is what it says of itself, where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.guard.verified import as_network
from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.exports.export import is_export, read_export
from lipbuild.verifier.exports.files import files_digest, has_files_digest
from lipbuild.verifier.verify import verify_export

_REMEDY = "export it again with `lipbuild export`"


@dataclass(frozen=True)
class CheckedExport:
    """What was found of an exported file.

    Attributes:
        checked: What was proved again from the file, in words; nothing where it states nothing.
        reason: Why nothing was.
        certified: What was proved; None where nothing was.
    """

    checked: tuple[str, ...]
    reason: str = ""
    certified: CertifiedNetwork | None = None

    def described(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Metadata, in which the status of the certificate is that of what was checked.

        Args:
            metadata: What the file says of itself.
        """
        certificate = dict(metadata["certificate"])
        if self.checked:
            certificate["checked"] = list(self.checked)
        elif certificate["status"] != "void":
            certificate |= {"status": "unchecked", "not_verified": self.reason}
        return {**metadata, "certificate": certificate}


def check_export(path: Path, metadata: Mapping[str, Any]) -> CheckedExport:
    """Prove again what an export states of itself: its digests, its constant, and those that its radius rests on.

    Args:
        path: The file or folder.
        metadata: What it says of itself.

    Raises:
        RefusedError: It is something else than it says, or gives radii that nothing is stated of.
        UnusableError: It cannot be read.
    """
    if metadata.get("statement") is None:
        certificate = metadata.get("certificate")
        reason = certificate.get("not_verified") if isinstance(certificate, Mapping) else None
        if not _has_its_files(path, metadata) and "radius" in metadata["outputs"]:
            why = f": {reason:.300}" if isinstance(reason, str) else ""
            raise RefusedError(
                f"{path}: it gives radii, and states nothing that they could be held against{why}",
                "serve the run, or an export without a radius",
            )
        return CheckedExport((), str(reason or "it states nothing that could be proved again"))
    if not is_export(path):
        return CheckedExport((), "the verifier does not read files of this kind")
    try:
        verdict = verify_export(path)
    except UnreadableError as error:
        raise UnusableError(f"{path}: {error}", _REMEDY) from None
    for failure in verdict.failures:
        raise RefusedError(
            f"{path}: it is not what it says of itself: {failure.where}: {failure.message}; its weights, its "
            "operations or what it says were changed",
            f"`lipbuild verify {path}` says more; {_REMEDY}",
        )
    return CheckedExport(verdict.checked, "", _certified(path))


def _certified(path: Path) -> CertifiedNetwork:
    """The network in a file with the constants that it states, which have been proved."""
    export = read_export(path)
    rows = export.description["statement"]["predicate"]["nodes"]
    gains = {row["name"]: float.fromhex(row["upper"]) for row in rows if "upper" in row}
    constants = {row["name"]: float.fromhex(row["constant"]) for row in rows}
    spans = [
        (row["from"], row["to"], float.fromhex(row["upper"]))
        for row in export.description["statement"]["predicate"].get("spans", [])
    ]
    return CertifiedNetwork(as_network(export.model), gains, constants, spans)


def _has_its_files(path: Path, metadata: Mapping[str, Any]) -> bool:
    """Whether a file or folder whose operations are not read has the digest that it states; not where it states none.

    Raises:
        RefusedError: It has another one.
        UnusableError: It cannot be read.
    """
    digests = metadata.get("digests")
    stated = digests.get("files") if isinstance(digests, Mapping) else None
    if stated is None or not has_files_digest(path):
        return False
    try:
        if files_digest(path) != stated:
            raise RefusedError(
                f"{path}: it is not what it says of itself: its files were changed after it was exported",
                _REMEDY,
            )
    except UnreadableError as error:
        raise UnusableError(f"{path}: {error}", _REMEDY) from None
    return True
