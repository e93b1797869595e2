"""The commands of the page about importing, run in their order."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from lipbuild.cli.run import run
from tests.conftest import ROOT
from tests.docs.test_docs import blocks

PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    layers = [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)]
    keras.Sequential(layers).save("model.keras")
    lines = [line for block in blocks(PAGE, "console") for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        assert line.startswith("$ lipbuild ")
        status, shown = run(line.split()[2:]), capsys.readouterr()
        assert status == 0, (line, shown.err)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("model.keras", "model.yaml", "config.yaml", "orthogonal", "normalized")
    }
