"""The links from a config to its weights and their certificate."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from lipbuild.data.contract.contract import STATEMENT, Contract
from lipbuild.errors import LipbuildError
from lipbuild.network.rounding import decimal_up
from lipbuild.reporting.evidence.claim import Claim, digests
from lipbuild.reporting.run_files import RunFiles

CONFIG, DATA, TRAINING, CERTIFICATE, VERIFICATION = (
    "config",
    "data contract",
    "training",
    "certificate",
    "verification",
)


class Found(Protocol):
    """What came of proving something again."""

    @property
    def lines(self) -> Callable[[], list[str]]:
        """What was looked at, and what was found."""

    @property
    def status(self) -> int:
        """0 where it holds, 1 where it does not, 3 where it holds on a condition."""

    @property
    def believed(self) -> tuple[str, ...]:
        """That condition."""


def chain_of(
    run: RunFiles, read: Callable[[], Contract | None], verify: Callable[[], Found]
) -> Iterator[Claim]:
    """The links of a run, each after those that it rests on.

    Args:
        run: Its files.
        read: Its data contract, if that is the one of its config.
        verify: Proves its certificate again.
    """
    path = shlex.quote(str(run.folder.path))
    yield _config(run)
    contract: Contract | None = None
    try:
        contract = read()
        yield _data(run, contract, path)
    except LipbuildError as error:
        yield Claim(
            *(DATA, "The data of the training is known.", "broken", f"lipbuild evaluate {path}"),
            (error.message,),
        )
    yield _training(run)
    yield _certificate(run, contract, path)
    if run.folder.certificate.is_file():
        yield verified(
            VERIFICATION, "Every number of the certificate is proved again.", run.folder.path, verify
        )


def verified(name: str, says: str, what: Path, verify: Callable[[], Found], *rests_on: str) -> Claim:
    """A link that the verifier has looked at.

    Args:
        name: What it is about.
        says: What it claims.
        what: What the command is given.
        verify: Proves it again.
        rests_on: The links that it rests on.
    """
    command, others = f"lipbuild verify {shlex.quote(str(what))}", rests_on or (CERTIFICATE,)
    try:
        found = verify()
    except LipbuildError as error:
        return Claim(name, says, "broken", command, (error.message,), rests_on=others)
    status = {0: "holds", 3: "conditional"}.get(found.status, "broken")
    proof = tuple(sorted(found.lines(), key=lambda line: not line.startswith("FAILED")))
    return Claim(name, says, status, command, proof, found.believed, rests_on=others)  # type: ignore[arg-type]


def _config(run: RunFiles) -> Claim:
    says, command = "The config breaks no rule.", f"lipbuild check {shlex.quote(str(run.folder.resolved))}"
    found = digests(run.folder.resolved)
    try:
        checked = run.checked
    except LipbuildError as error:
        return Claim(CONFIG, says, "broken", command, (error.message,), digests=found)
    if checked.voided_by:
        silenced = f"soundness rules are silenced: {', '.join(checked.voided_by)}"
        return Claim(CONFIG, says, "broken", command, (silenced,), digests=found)
    return Claim(CONFIG, says, "holds", command, ("the rules were checked again",), digests=found)


def _data(run: RunFiles, contract: Contract | None, path: str) -> Claim:
    says, command = "The data of the training is known, sample by sample.", f"lipbuild evaluate {path}"
    if contract is None:
        return Claim(DATA, says, "missing", command, (f"there is no {STATEMENT}",), rests_on=(CONFIG,))
    parts = ", ".join(f"{name} {part['samples']:,}" for name, part in contract.described["parts"].items())
    return Claim(
        *(DATA, says, "holds", command),
        proof=(
            f"the digests of its two files are those that it states, and so is the draw; samples: {parts}",
        ),
        assumptions=(
            "the source still holds these samples: each command that reads it compares them",
            "they stand for what the network will meet",
        ),
        digests=digests(run.folder.path / STATEMENT, run.folder.path / "data.samples"),
        rests_on=(CONFIG,),
    )


def _training(run: RunFiles) -> Claim:
    says, rests_on = "The weights come from this config and this data.", (CONFIG, DATA)
    command = f"lipbuild train {shlex.quote(str(run.folder.config))}"
    try:
        environment, epochs = run.environment or {}, len(run.metrics)
    except LipbuildError as error:
        return Claim(TRAINING, says, "broken", command, (error.message,), rests_on=rests_on)
    command = shlex.join(environment.get("command", [])) or command
    packages = environment.get("packages", {})
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    folder = run.folder
    found = digests(folder.model, folder.plain, folder.metrics, folder.environment)
    proof = (f"{epochs} epochs, with {versions}",) if versions else ()
    return Claim(
        *(TRAINING, says, "recorded", command, proof),
        assumptions=(
            "nothing proves where weights come from: all that follows is about the weights themselves",
        ),
        digests=found,
        rests_on=rests_on,
    )


def _certificate(run: RunFiles, contract: Contract | None, path: str) -> Claim:
    command, rests_on = f"lipbuild certify {path}", (TRAINING, DATA)
    try:
        predicate = run.certificate
    except LipbuildError as error:
        says = "A constant is certified."
        return Claim(CERTIFICATE, says, "broken", command, (error.message,), rests_on=rests_on)
    if predicate is None:
        says = "A constant is certified."
        return Claim(*(CERTIFICATE, says, "missing", command, (f"`{command}` makes it",)), rests_on=rests_on)
    bound = decimal_up(float.fromhex(predicate["lipschitz"]))
    found = digests(run.folder.certificate, run.folder.plain)
    part = predicate.get("samples", {}).get("part")
    proof, status = (
        [f"{len(predicate['nodes'])} operations, each with its bound and the rule that proves it"],
        "holds",
    )
    if isinstance(part, dict) and contract is not None:
        if part.get("digest") == contract.digests.get(part.get("name", "")):
            proof.append(f"its radii are of the part `{part.get('name')}` of the data contract")
        else:
            status = "broken"
            proof.insert(0, f"the part `{part.get('name')}` is not that of the data contract")
    return Claim(
        *(CERTIFICATE, f"The network is {bound}-Lipschitz (L2).", status, command, tuple(proof)),  # type: ignore[arg-type]
        assumptions=tuple(predicate.get("assumptions", ())),
        digests=found,
        rests_on=rests_on,
    )
