"""The page that leads from a table to a statement for each column."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import ROOT, Cli
from tests.docs.test_docs import blocks
from tests.docs.test_tables_page import run_program

PAGE = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")


def test_each_column_is_stated_nearly_as_it_is_measured(cli: Cli, tmp_path: Path) -> None:
    run_program(blocks(PAGE, "python")[0], tmp_path)
    (tmp_path / "fuel.yaml").write_text(blocks(PAGE, "yaml")[0])
    for block in blocks(PAGE, "console"):
        for command in block.split("$ lipbuild ")[1:]:
            words, _, output = command.partition("\n")
            done = cli(*words.split(), cwd=tmp_path)
            assert done.returncode == 0, (words, done.stdout, done.stderr)
            # Sentences break where the terminal ends.
            printed = " ".join(done.stdout.split())
            for line in output.strip().splitlines():
                assert " ".join(line.split()) in printed, (words, done.stdout)
    evaluation = json.loads((tmp_path / "runs/fuel/evaluation.json").read_text())
    columns = {column["name"]: column for column in evaluation["columns"]}
    assert list(columns) == ["altitude_m", "mach", "temperature_k", "mass_t", "flap"]
    for column in columns.values():
        assert 0 < column["moved"] <= column["moves_at_most"] <= 3 * column["moved"], column
    assert evaluation["r_squared"] > 0.95
    assert columns["mass_t"]["direction"] == "never falls"
    assert columns["altitude_m"]["direction"] == "never rises"
    assert 20 < columns["mass_t"]["moves_at_most"] < 35
    # The promise in the units of the table holds what is proved.
    promised = cli("check", "runs/fuel/config.resolved.yaml", cwd=tmp_path).stdout
    for name in ("altitude_m", "mach", "temperature_k", "mass_t"):
        (row,) = [line for line in promised.splitlines() if line.startswith(f"{name} ")]
        assert columns[name]["moves_at_most"] <= float(row.split()[-1])
