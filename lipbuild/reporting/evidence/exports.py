"""The links from a certificate to exports, and to what a compiler makes of C."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lipbuild.errors import LipbuildError
from lipbuild.exporting.c_code.compilers import self_test
from lipbuild.exporting.gate_report import content_digest
from lipbuild.exporting.metadata import MEANINGS
from lipbuild.network.rounding import decimal_up
from lipbuild.reading.c_program import header_of
from lipbuild.reading.json_file import read_json
from lipbuild.reporting.evidence.chain import CERTIFICATE, DATA, Found, verified
from lipbuild.reporting.evidence.claim import Claim
from lipbuild.reporting.run_files import REMEDY, RunFiles

GATE = ".gate.json"
_SELF_TEST = {
    0: "known inputs have the expected answers to the bit",
    1: "known inputs have answers that differ from the expected ones by no more than rounding may",
}


def reports_of(folder: Path, is_export: Callable[[Path], bool]) -> list[Path]:
    """The reports of the gate in a folder, and where those would be of the exports that have none.

    Args:
        folder: The folder.
        is_export: Whether a path is of a kind that is exported.
    """
    exports = [path for path in folder.glob("*") if is_export(path)]
    return sorted({*folder.glob(f"*{GATE}"), *(path.with_name(f"{path.name}{GATE}") for path in exports)})


def claims_of(run: RunFiles, report: Path, verify: Callable[[Path], Found]) -> Iterator[Claim]:
    """The links of one export.

    Args:
        run: The files of the run that it should be from.
        report: The report of its gate, beside it.
        verify: Proves again what an export says of itself, and that it names the run's certificate.
    """
    path = report.with_name(report.name.removesuffix(GATE))
    name, passed = f"export {path.name}", "The file is the one that passed the gate."
    if not report.is_file():
        yield Claim(name, passed, "missing", _export(run), (f"there is no {report.name} beside it",))
        return
    try:
        said = read_json(report, REMEDY)
        faults = list(_faults(run, path, said))
    except (LipbuildError, OSError, KeyError, TypeError, AttributeError) as error:
        faults, said = [f"its gate's report cannot be followed: {error}"], {}
    if faults:
        yield Claim(name, passed, "broken", _export(run), tuple(faults))
        return
    found = {path.name: said["sha256"], report.name: hashlib.sha256(report.read_bytes()).hexdigest()}
    status = str(said["certificate"]["status"])
    bound, kind = said["lipschitz"]["proved"], str(said["format"])
    constant = f"; its constant (L2) is at most {decimal_up(bound)}" if bound is not None else ""
    says = f"The {kind} export passed the gate{constant}."
    compared = said["outputs_compared"]["greatest_difference"]
    inputs = ", ".join(f"{one['difference']:.2g} on {of} inputs" for of, one in compared.items())
    proof = (f"outputs differ from the network's by at most {inputs}", f"{status}: {MEANINGS[status]}")
    rests_on = (CERTIFICATE, DATA)
    yield Claim(
        *(name, says, "holds", _export(run), proof, _assumptions(said), found, rests_on),
    )
    if said.get("statement") is not None:
        says = "What the file says of itself follows from its weights and operations."
        yield verified(f"verification of {path.name}", says, path, lambda: verify(path), name)
    if kind == "c":
        yield _compiled(path, said, name)


def _export(run: RunFiles) -> str:
    return f"lipbuild export {shlex.quote(str(run.folder.path))}"


def _faults(run: RunFiles, path: Path, said: dict[str, Any]) -> Iterator[str]:
    """Where the chain of digests breaks."""
    if not isinstance(said.get("compiled", ""), (list, str)):
        yield "its gate's report does not say what was compiled"
    if not path.exists():
        yield f"{path} is not there"
    elif content_digest(path) != said["sha256"]:
        yield f"{path.name} is another than the one that passed the gate"
    certificate, contract = run.folder.certificate, run.folder.path / "data.json"
    named = said["certificate"].get("sha256")
    if named is not None and (not certificate.is_file() or _digest(certificate) != named):
        yield f"it names another certificate than {certificate.name}"
    known = said.get("data_contract")
    if known is not None and (not contract.is_file() or _digest(contract) != known["sha256"]):
        yield f"it names another data contract than {contract.name}"


def _assumptions(said: dict[str, Any]) -> tuple[str, ...]:
    stated = [said.get("arithmetic"), said.get("radius")]
    return tuple(dict.fromkeys(str(one["assumes"]) for one in stated if one and "assumes" in one))


def _compiled(path: Path, said: dict[str, Any], name: str) -> Claim:
    """What compilers made of it in the gate, and what one makes of it now."""
    compiled = said.get("compiled")
    ran = compiled if isinstance(compiled, list) else []
    proof = [f"compiled and run in the gate: {one}" for one in ran] or ["the gate compiled nothing"]
    if said.get("cppcheck"):
        proof.append("cppcheck found nothing")
    says, test = "What a compiler makes of the code passes its self-test.", f"compiled {path.name}"
    header = header_of(path)
    command = f"{header.stem if header else path.name}_selftest() on the device"
    try:
        now = self_test(path)
    except LipbuildError as error:
        return Claim(test, says, "broken", command, (error.message, *proof), rests_on=(name,))
    if now is None:
        proof.append("no C compiler is at hand here")
        return Claim(test, says, "recorded" if ran else "missing", command, tuple(proof), rests_on=(name,))
    compiler, result = now
    if result not in _SELF_TEST:
        fault = f"`{compiler}`: the self-test returns {result}"
        return Claim(test, says, "broken", command, (fault, *proof), rests_on=(name,))
    return Claim(
        *(test, says, "holds", command, (f"`{compiler}`, now: {_SELF_TEST[result]}", *proof)),
        assumptions=("the compiler of the device keeps to C99 and IEEE 754: run the self-test there",),
        rests_on=(name,),
    )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
