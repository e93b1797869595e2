"""The page that leads from a table to a statement for each column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from lipbuild.outputs.evaluation import EvaluationOutput
from lipbuild.outputs.predictions import PredictionsOutput
from tests.conftest import ROOT, Cli
from tests.docs.test_docs import blocks
from tests.docs.test_tables_page import run_program

PAGE = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")


@pytest.mark.nightly
def test_each_column_is_stated_nearly_as_it_is_measured(cli: Cli, tmp_path: Path) -> None:
    make, draw, new = blocks(PAGE, "python")
    for program in (make, new):
        run_program(program, tmp_path)
    (tmp_path / "fuel.yaml").write_text(blocks(PAGE, "yaml")[0])
    shown: dict[str, str] = {}
    for block in blocks(PAGE, "console"):
        for command in block.split("$ lipbuild ")[1:]:
            words, _, output = command.partition("\n")
            done = cli(*words.split(), cwd=tmp_path)
            assert done.returncode == 0, (words, done.stdout, done.stderr)
            # Sentences break where the terminal ends.
            printed = " ".join(done.stdout.split())
            for line in output.strip().splitlines():
                assert " ".join(line.split()) in printed, (words, done.stdout)
            shown[words.split()[0]] = done.stdout
    evaluation = json.loads((tmp_path / "runs/fuel/evaluation.json").read_text())
    EvaluationOutput.model_validate(evaluation)
    PredictionsOutput.model_validate_json(shown["predict"])
    columns = {column["name"]: column for column in evaluation["columns"]}
    assert list(columns) == ["altitude_m", "mach", "temperature_k", "mass_t", "flap"]
    for column in columns.values():
        assert 0 < column["moved"] <= column["moves_at_most"] <= 3 * column["moved"], column
    assert evaluation["r_squared"] > 0.95
    # As `monotone` asks for it.
    assert columns["mass_t"]["direction"] == "never falls"
    assert columns["altitude_m"]["direction"] == "never rises"
    assert 20 < columns["mass_t"]["moves_at_most"] < 35
    run_program(draw, tmp_path)
    assert ">mass_t (t)<" in (tmp_path / "mass.svg").read_text()
    report = (tmp_path / "runs/fuel/report.html").read_text()
    assert report.count("the slope is between") == 4
    assert "mass_t: the slope is between" in report
    # The promise in the units of the table holds what is proved.
    promised = cli("check", "runs/fuel/config.resolved.yaml", cwd=tmp_path).stdout
    for name in ("altitude_m", "mach", "temperature_k", "mass_t"):
        (row,) = [line for line in promised.splitlines() if line.startswith(f"{name} ")]
        assert columns[name]["moves_at_most"] <= float(row.split()[-1])
    # The box is what the two columns say together.
    moves = evaluation["tolerance"]["output_moves_at_most"]
    by_hand = 100 * columns["altitude_m"]["moves_at_most"] + 0.01 * columns["mach"]["moves_at_most"]
    assert moves["box"] == pytest.approx([by_hand], rel=1e-6)
    assert moves["ellipsoid"] <= moves["box"][0]
    for row in json.loads(shown["predict"])["predictions"]:
        assert row["high_in_tolerance"] - row["low_in_tolerance"] == pytest.approx(2 * by_hand, rel=1e-4)
    file = onnx.load(tmp_path / "runs/fuel/exports/fuel.onnx")
    about = {entry.key: entry.value for entry in file.metadata_props}
    assert json.loads(about["lipbuild.tolerance"])["box"] == pytest.approx([by_hand], rel=1e-3)
    assert [row["column"] for row in json.loads(about["lipbuild.slopes"])][:2] == ["altitude_m", "mach"]
    # The interval in the file is a little wider, by the error of float32, and no other is let through.
    predicted = json.loads(shown["predict"])["predictions"]
    exported = cli("predict", "runs/fuel/exports/fuel.onnx", "new.csv", "--format", "json", cwd=tmp_path)
    for row, other in zip(json.loads(exported.stdout)["predictions"], predicted, strict=True):
        assert row["low_in_tolerance"] == pytest.approx(other["low_in_tolerance"], abs=0.1)
    rows = np.array([[9000, 0.7, 230, 60, 1, 0, 0], [500, 0.3, 285, 70, 0, 1, 0]], np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "runs/fuel/exports/fuel.onnx")
    low, high, certified = session.run(
        ["low_in_tolerance", "high_in_tolerance", "certified"], {"input": rows}
    )
    assert certified.all()
    for row, below, above in zip(predicted, low[:, 0], high[:, 0], strict=True):
        assert below <= row["low_in_tolerance"] < row["high_in_tolerance"] <= above
        assert above - below <= 1.1 * (row["high_in_tolerance"] - row["low_in_tolerance"])
    [bias] = [t for t in file.graph.initializer if t.name == "interval_in_tolerance/bias"]
    bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) * np.float32(0.5), bias.name))
    onnx.save(file, str(tmp_path / "forged.onnx"))
    assert cli("verify", "forged.onnx", cwd=tmp_path).returncode == 1
