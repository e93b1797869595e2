from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.errors import UnusableError
from lipbuild.outputs.shown import Shown

if TYPE_CHECKING:
    from lipbuild.api.given import RunLike
    from lipbuild.reporting.evidence.claim import Claim

PAGE, STATEMENT, SBOM = "evidence.html", "evidence.json", "sbom.cdx.json"


@dataclass(frozen=True)
class Evidence(Shown):
    """What a run and its exports rest on.

    Attributes:
        run: The run folder.
        path: The folder with the page, the JSON and the SBOM.
        claims: The links of the chain, each after those that it rests on.
        sbom: The SHA-256 of the SBOM.
    """

    run: Path
    path: Path
    claims: tuple[Claim, ...]
    sbom: str

    @property
    def status(self) -> int:
        """The exit status: 1 where a link is broken or missing, 3 where one holds on a condition, 0 otherwise."""
        found = {claim.status for claim in self.claims}
        return 1 if found & {"broken", "missing"} else 3 if "conditional" in found else 0

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild evidence --format json` prints it."""
        return {
            "run": str(self.run),
            "path": str(self.path),
            "status": self.status,
            "claims": [claim.as_json() for claim in self.claims],
            "sbom": {"file": SBOM, "sha256": self.sbom},
        }


def evidence(run: RunLike, output: str | Path | None = None, exports: Sequence[str | Path] = ()) -> Evidence:
    """Write what a run and its exports rest on: a page, the same as JSON, and an SBOM of this environment.

    Each link is looked at now: the config is checked, the certificate and the exports are proved again, digests are
    compared, and the self-test of C is run where a compiler is at hand.

    Args:
        run: The run folder.
        output: The folder that is written; `evidence` in the run folder where left out.
        exports: Exports of the run; those in its folder `exports` where left out.

    Raises:
        lipbuild.errors.UnusableError: It is no run folder, an export has no report of its gate beside it, the folder
            cannot be written, or cyclonedx-python-lib is not installed.
    """
    from lipbuild.api.given import run_path
    from lipbuild.api.verify import verify, verify_beside
    from lipbuild.outputs.json_text import json_text
    from lipbuild.reporting.evidence.chain import chain_of
    from lipbuild.reporting.evidence.exports import GATE, claims_of, reports_of
    from lipbuild.reporting.evidence.page import evidence_page
    from lipbuild.reporting.evidence.sbom import packages_here, sbom
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.runtimes.runtime_of import is_exported
    from lipbuild.training.files import write_files
    from lipbuild.training.run_data import contract_of

    files = RunFiles.of(run_path(run))
    folder = files.folder.evidence if output is None else Path(output)
    reports = [Path(path).with_name(f"{Path(path).name}{GATE}") for path in exports]
    for path, report in zip(exports, reports, strict=True):
        if not report.is_file():
            raise UnusableError(
                f"{path}: there is no {report.name} beside it", "name what `lipbuild export` wrote"
            )
    bill = sbom(files.name)

    claims = [*chain_of(files, lambda: contract_of(files.folder), lambda: verify(files.folder))]
    certificate = files.folder.certificate
    for report in reports or reports_of(files.folder.exports, is_exported):
        claims += claims_of(files, report, lambda path: verify_beside(path, certificate))
    digest = hashlib.sha256(bill.encode()).hexdigest()
    found = Evidence(files.folder.path, folder, tuple(claims), digest)

    def write(staging: Path) -> None:
        (staging / SBOM).write_text(bill, encoding="utf-8")
        (staging / STATEMENT).write_text(json_text("evidence", found.as_json()) + "\n", encoding="utf-8")
        page = evidence_page(files.name, claims, packages_here())
        (staging / PAGE).write_text(page, encoding="utf-8")

    write_files(folder, write)
    return found
