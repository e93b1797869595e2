"""What a run and its exports rest on, link by link."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import lipbuild
from lipbuild.cli.run import run as command
from lipbuild.data.contract.contract import sealed
from lipbuild.errors import UnusableError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.gate_report import content_digest
from lipbuild.outputs import output_class
from lipbuild.training.train import Run
from tests.exporting.c_code.programs import COMPILER

LINKS = ["config", "data contract", "training", "certificate", "verification"]


@pytest.fixture(scope="module", autouse=True)
def sbom() -> None:
    pytest.importorskip("cyclonedx")


@pytest.fixture
def copied(small: Run, everywhere: dict[str, Exported], tmp_path: Path) -> Path:
    """A copy of the run with its exports to Keras, ONNX and C."""
    assert everywhere
    copy = tmp_path / "a run"
    left_out = shutil.ignore_patterns("checkpoints", "*.npz*", "*.tflite*", "*_saved_model*")
    shutil.copytree(small.folder.path, copy, ignore=left_out)
    return copy


def test_a_chain_that_holds(copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    out = tmp_path / "evidence"
    assert command(["evidence", str(copied), "--output", str(out), "--format", "json"]) == 0
    text = capsys.readouterr().out
    assert (out / "evidence.json").read_text() == text
    found = output_class("evidence").model_validate_json(text).model_dump()
    claims = {claim["name"]: claim for claim in found["claims"]}
    assert list(claims)[:5] == LINKS
    assert {
        "export small.onnx",
        "verification of small.onnx",
        "verification of small.keras",
        "export small_c",
        "compiled small_c",
    } < set(claims)
    expected = dict.fromkeys(claims, "holds") | {"training": "recorded"}
    if not COMPILER:
        expected["compiled small_c"] = "missing"
    assert {name: claim["status"] for name, claim in claims.items()} == expected
    # Each rests on what stands before it, and says how it is checked again.
    for i, claim in enumerate(claims.values()):
        assert set(claim["rests_on"]) <= set(list(claims)[:i])
        assert claim["command"]
    assert shlex.split(claims["verification"]["command"]) == ["lipbuild", "verify", str(copied)]
    certificate = hashlib.sha256((copied / "certificate.json").read_bytes()).hexdigest()
    assert claims["certificate"]["digests"]["certificate.json"] == certificate
    page = (out / "evidence.html").read_text()
    assert all(f">{name}</h2>" in page for name in claims)
    assert certificate in page
    bill = (out / "sbom.cdx.json").read_text()
    assert found["sbom"]["sha256"] == hashlib.sha256(bill.encode()).hexdigest()
    schema = JsonStrictValidator(SchemaVersion.V1_6)
    assert schema.validate_str(bill) is None
    assert schema.validate_str(bill.replace('"version"', '"versions"')) is not None
    packages = {one["name"]: one["version"] for one in json.loads(bill)["components"]}
    assert packages["numpy"] == version("numpy")
    assert not re.search(r"DO-178|\bISO\b|\bIEC\b|\bEN \d|complian", page)


def test_a_chain_that_is_broken(copied: Path, small: Run, tmp_path: Path) -> None:
    exports = copied / "exports"
    # A weight of the one file, and a line of the other whose report was made to fit.
    content = (exports / "small.onnx").read_bytes()
    (exports / "small.onnx").write_bytes(content + b"\x00")
    code = exports / "small_c" / "small.c"
    code.write_text(code.read_text().replace("certified = 1", "certified = 2"))
    report = exports / "small_c.gate.json"
    said = json.loads(report.read_text()) | {"sha256": content_digest(exports / "small_c")}
    report.write_text(json.dumps(said))
    data = copied / "data.json"
    data.write_text(data.read_text().replace('"test": 0.2', '"test": 0.3'))
    config = copied / "config.resolved.yaml"
    config.write_text(config.read_text() + "unknown: 1\n")
    (copied / "environment.json").write_text("{")
    (exports / "small.keras.gate.json").unlink()
    found = lipbuild.evidence(copied, tmp_path / "evidence")
    assert found.status == 1
    broken = {claim.name: claim.proof[0] for claim in found.claims if claim.status == "broken"}
    assert set(broken) >= {"config", "data contract", "training", "export small.onnx", "export small_c"}
    assert "is not JSON" in broken["training"]
    [missing] = [claim for claim in found.claims if claim.status == "missing"]
    assert missing.name == "export small.keras"
    assert "there is no small.keras.gate.json beside it" in missing.proof[0]
    assert "unknown" in broken["config"]
    assert "changed since lipbuild wrote it" in broken["data contract"]
    assert "another than the one that passed the gate" in broken["export small.onnx"]
    assert "another data contract" in broken["export small_c"]
    # Whole, and of another training: its parts were drawn by another seed.
    statement = json.loads((small.folder.path / "data.json").read_text())
    del statement["sha256"]
    statement["drawn"]["seed"] += 1
    data.write_text(json.dumps(sealed(statement)))
    config.write_text((small.folder.path / config.name).read_text())
    found = lipbuild.evidence(copied, tmp_path / "again", [exports / "small.onnx"])
    [said] = [claim.proof[0] for claim in found.claims if claim.name == "data contract"]
    assert "the contract of another training" in said
    assert 'class="caution"' in (tmp_path / "evidence" / "evidence.html").read_text()


def test_code_that_passed_no_gate_is_broken_and_a_run_without_a_certificate_too(
    copied: Path, tmp_path: Path
) -> None:
    exports = copied / "exports"
    code = exports / "small_c" / "small.c"
    code.write_text(code.read_text().replace("certified = 1", "certified = 2"))
    report = exports / "small_c.gate.json"
    said = json.loads(report.read_text()) | {"sha256": content_digest(exports / "small_c")}
    report.write_text(json.dumps(said))
    found = lipbuild.evidence(copied, tmp_path / "one", [exports / "small_c"])
    broken = {claim.name: claim.proof[0] for claim in found.claims if claim.status == "broken"}
    assert set(broken) == {"verification of small_c"}
    assert "FAILED at code" in broken["verification of small_c"]
    with pytest.raises(UnusableError, match=r"there is no small\.npz\.gate\.json beside it"):
        lipbuild.evidence(copied, tmp_path / "none", [exports / "small.npz"])
    shutil.rmtree(exports)
    (copied / "certificate.json").unlink()
    bare = lipbuild.evidence(copied, tmp_path / "two")
    assert bare.status == 1
    assert [claim.name for claim in bare.claims] == LINKS[:4]
    assert bare.claims[3].status == "missing"
    assert "lipbuild certify" in bare.claims[3].proof[0]
