"""Checking what an exported file says of itself, and what a certificate says of what it is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.verifier import fields
from lipbuild.verifier.checking import Checking
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.description import faults_of_description, said_of_radius
from lipbuild.verifier.exports.export import Export
from lipbuild.verifier.exports.interval_head import IntervalHead, faults_of_intervals
from lipbuild.verifier.exports.radius_faults import faults_of
from lipbuild.verifier.floats import at_most
from lipbuild.verifier.statement import digests_of, number, part, predicate_of, same

# How far the constant of weights that were rounded anew may be above that of the certificate.
EXCESS = 1e-6


class ExportChecking(Checking):
    """What has been found so far of an exported file."""

    about = "what is in the file was changed after it was exported"

    def export(self, export: Export, statement: Any) -> tuple[dict[str, float], dict[str, float]]:
        """The statement of a file, and what else it says of itself.

        Returns:
            As `proofs`.
        """
        if statement is None:
            certificate = export.description.get("certificate")
            reason = certificate.get("reason") if isinstance(certificate, Mapping) else None
            raise RefusedError(
                "statement", f"is missing{f': {reason:.200}' if isinstance(reason, str) else ''}"
            )
        with self.step(fields.FORM):
            predicate = predicate_of(statement)
        if "samples" in predicate:
            raise RefusedError("statement", "is about samples, which a file does not hold")
        with self.step(fields.SUBJECT, "the digests of the operations and the weights in the file"):
            self.subject(statement, export.digests)
        gains, constants = self.proofs(export.model, predicate)
        with self.step("description", "what the file says of its input, its outputs and its constant"):
            for where, message in faults_of_description(export, predicate):
                self.fail(where, message)
        proved = (export.model, gains, constants, predicate)
        if isinstance(export.head, IntervalHead):
            with self.step("interval", "how the intervals are computed, and the constants that they rest on"):
                for message in faults_of_intervals(export.head, *proved, said_of_radius(export)):
                    self.fail("interval", message)
        elif export.head is not None:
            with self.step("radius", "how the radius is computed, and the constants that it rests on"):
                for message in faults_of(export.head, *proved):
                    self.fail("radius", message)
        return gains, constants

    def origin(self, export: Export, statement: Any, certificate: Any, sha256: str | None) -> None:
        """The certificate of the run that a file is from: named in it, and not exceeded."""
        stated = export.description.get("certificate")
        if not isinstance(stated, Mapping) or stated.get("sha256") != sha256:
            raise RefusedError("certificate", "is another one than the file names")
        predicate, own = predicate_of(certificate), predicate_of(statement)
        most, found = (number(stated_by, "lipschitz", "lipschitz") for stated_by in (predicate, own))
        if stated.get("status") == "partial":
            self.unchecked.append(
                "the constant beside that of the certificate, which counts the preprocessing"
            )
        elif not at_most(found, most * (1.0 + EXCESS)):
            self.fail("lipschitz", f"is {found:.12g} in the file, and the certificate states {most:.12g}")
        elif not same(
            part(predicate, "input", "input").get("shape"), part(own, "input", "input").get("shape")
        ):
            self.fail("input", "has another shape than in the certificate")
        else:
            self.checked.append("that the file names this certificate, and has no greater constant")
        if stated.get("status") != "covered":
            return
        if export.plain_weights is None:
            self.unchecked.append("that each weight is that of the certificate bit for bit")
        elif digests_of(certificate).get("weights") != export.plain_weights:
            self.fail("weights", "are not those of the certificate, as the file says")
        else:
            self.checked.append("that each weight is that of the certificate bit for bit")
