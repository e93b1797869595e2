from __future__ import annotations

import re
from collections.abc import Sequence

from lipbuild.reporting.evidence.claim import Claim
from lipbuild.reporting.page.render import render
from lipbuild.reporting.section import Caution, Facts, Part, Section, Table

_LEAD = (
    "Each link says what it claims, what was looked at just now, what is assumed besides, and the command that checks "
    "it again. A link is broken where a digest or a proof does not fit, conditional where it holds if what is assumed "
    "is true, recorded where it is written down and proved by nothing."
)


def evidence_page(name: str, claims: Sequence[Claim], packages: Sequence[tuple[str, str]]) -> str:
    """The chain as one HTML file that asks nothing of any network.

    Args:
        name: The run.
        claims: The links, each after those that it rests on.
        packages: The packages of the environment, with their versions.
    """
    rows = [(one.name, one.status, one.says, ", ".join(one.rests_on)) for one in claims]
    overview: list[Part] = [
        Table(("link", "status", "claim", "rests on"), rows, "The chain", words=4, wide=True)
    ]
    overview[:0] = [
        Caution(f"{one.name} is {one.status}: {one.proof[0] if one.proof else one.says}")
        for one in claims
        if one.status in ("broken", "missing")
    ]
    sections = [Section("chain", "Chain", overview, _LEAD)]
    sections += [_section(one) for one in claims]
    packages_table = Table(("package", "version"), list(packages), "What wrote this page", words=2)
    sections.append(Section("packages", "Packages", [packages_table], "Also in sbom.cdx.json."))
    return render(f"Evidence: {name}", "What is claimed, and what it rests on", sections)


def _section(claim: Claim) -> Section:
    facts = [("status", claim.status, ""), ("checked again by", claim.command, "")]
    facts += [("looked at", text, "") for text in claim.proof]
    facts += [("assumed", text, "") for text in claim.assumptions]
    facts += [(file, digest, "SHA-256") for file, digest in claim.digests.items()]
    if claim.rests_on:
        facts.append(("rests on", ", ".join(claim.rests_on), ""))
    return Section(re.sub(r"[^a-z0-9]+", "-", claim.name.lower()), claim.name, [Facts(facts)], claim.says)
