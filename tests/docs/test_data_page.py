"""The commands of the page on data that show the data contract, in their order."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT, Cli

CONFIG = """\
name: measurements
seed: 0
model: {layers: [SpectralDense: {units: 8}, GroupSort2, SpectralDense: {units: 2}]}
data: {source: {csv: {path: measurements.csv, target: kind}}}
train:
  loss: {TauCategoricalCrossentropy: {tau: 5}}
  optimizer: {Adam: {learning_rate: 0.1}}
  epochs: 20
  batch_size: 16
"""


@pytest.mark.nightly
def test_the_commands_of_the_data_contract_do_what_the_page_says(cli: Cli, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- contract -->\n```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands = [command.partition("\n") for block in blocks for command in block.split("$ ")[1:]]
    assert len(commands) == 5
    rows = [f"{x:.4f},{y:.4f},{'ab'[int(x > y)]}" for x, y in np.random.default_rng(0).random((40, 2))]
    (tmp_path / "measurements.csv").write_text("\n".join(["x,y,kind", *rows]) + "\n")
    more = "\n".join(["x,y,kind", "0.5,0.25,b", *reversed(rows)]) + "\n"
    (tmp_path / "other.csv").write_text(more)
    (tmp_path / "measurements.yaml").write_text(CONFIG)
    printed = []
    for command, _, shown in commands:
        done = cli(*command.split()[1:], cwd=tmp_path)
        assert done.returncode == int("error:" in shown), done.stderr
        assert not shown or shown.strip() == (done.stdout + done.stderr).strip()
        printed.append(done.stdout)
        # After the training the table grows.
        (tmp_path / "measurements.csv").write_text(more)
    assert printed[2].startswith("8 test samples")
    assert printed[3].startswith("41 samples of other.csv, which is other data than the run's")
    assert "32 of the samples are ones that the network was trained on" in printed[3]
    assert "each in its part: training 32, test 8" in printed[4]
