from __future__ import annotations

import json
from pathlib import Path

import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.reporting.compare.config_changes import config_changes
from tests.conftest import Cli
from tests.reporting.conftest import Runs, section


def test_results_stand_side_by_side(runs: Runs) -> None:
    comparison = lipbuild.compare([runs.images, runs.bare, runs.numbers])
    results = {name: values for name, *values in comparison.results}
    evaluation = json.loads((runs.images / "evaluation.json").read_text())
    assert results["accuracy"] == [f"{100 * evaluation['accuracy']:.2f} %", "", ""]
    assert results["epochs"] == ["2", "2", "1"]
    changed = {place for place, *_ in comparison.changes}
    assert {"name", "data.source", "train.epochs"} <= changed
    assert "seed" not in changed


def test_configs_are_told_apart_where_they_differ() -> None:
    one = {
        "seed": 0,
        "model": {"layers": ["Flatten", {"Dense": {"units": 1, "a": True}}]},
        "loss": {"A": {"x": 1}},
    }
    other = {
        "model": {"layers": ["Flatten", {"Dense": {"units": 2, "a": True}}, "X"]},
        "loss": {"B": {"x": 1}},
    }
    assert list(config_changes([one, other])) == [
        ("seed", "0", ""),
        ("model.layers[1].Dense.units", "1", "2"),
        ("model.layers[2]", "", "X"),
        ("loss", "{A: {x: 1}}", "{B: {x: 1}}"),
    ]
    assert list(config_changes([one, one, one])) == []


def test_the_page_overlays_the_curves(runs: Runs) -> None:
    page = lipbuild.compare([runs.images, runs.bare]).html()
    loss = next(part for part in section(page, "curves").split("<svg") if "loss of each run" in part)
    chart = loss.partition('data-chart="')[2].partition('"')[0].replace("&quot;", '"')
    assert [line["name"] for line in json.loads(chart)["series"]] == ["A", "B"]
    assert "The configs are the same." in section(page, "changes")


def test_the_command_prints_a_table_and_writes_the_page(runs: Runs, cli: Cli, tmp_path: Path) -> None:
    done = cli("compare", runs.images, runs.numbers, "--output", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "mean absolute error" in done.stdout
    assert "train.epochs" in done.stdout
    assert (tmp_path / "page.html").is_file()
    assert cli("compare", runs.images).returncode == 2


def test_one_run_is_not_compared(runs: Runs) -> None:
    with pytest.raises(UnusableError, match="one run cannot be compared"):
        lipbuild.compare([runs.images])
