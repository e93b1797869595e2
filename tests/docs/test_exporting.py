"""The commands and the program of the page about exporting, run in their order."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from lipbuild.cli.run import run
from lipbuild.exporting.c_code import c_format, compilers
from tests.conftest import ROOT
from tests.docs.test_docs import blocks
from tests.exporting.c_code.programs import COMPILER

PAGE = (ROOT / "docs" / "exporting.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "config.yaml"]) == 0
    capsys.readouterr()
    assert run(["train", "config.yaml", "--set", "train.epochs=1", "--quiet"]) == 0
    folder = capsys.readouterr().out.strip()
    assert run(["certify", folder]) == 0
    lines = [line for block in blocks(PAGE, "console") for line in block.splitlines()]
    assert len(lines) == 14
    monkeypatch.setattr(c_format, "builds", lambda: compilers.builds()[:1])
    for line in lines:
        command = line.replace("runs/config-TIME", folder).split()
        assert command[:2] == ["$", "lipbuild"]
        status, shown = run(command[2:]), capsys.readouterr()
        assert status == 0, (line, shown.err)
        if command[2] != "export":
            assert command[2] in ("verify", "audit")
            assert "holds" in shown.out or "proved from the weights" in shown.out
            continue
        assert "proved from the weights in the file" in shown.out or "void" in shown.out
    [program] = blocks(PAGE, "python")
    program += "\nassert label.shape == margin.shape == radius.shape == (3,)\nassert (radius >= 0).all()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    [program] = blocks(PAGE, "c")
    (tmp_path / "main.c").write_text(program)
    if COMPILER:
        command = [COMPILER, "-std=c99", "-Wall", "-Werror", "-Icode", "main.c", "code/config.c", "-lm"]
        subprocess.run([*command, "-o", "main"], check=True)
        assert subprocess.run([tmp_path / "main"], check=False).returncode == 0
    # The page about evidence, of the same run.
    evidence = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    [line] = [line for block in blocks(evidence, "console") for line in block.splitlines()]
    if find_spec("cyclonedx") is not None:
        assert run(line.replace("runs/config-TIME", folder).split()[2:]) == 0
        shown = capsys.readouterr().out
        assert "holds: certificate" in shown
        assert {f"`{path.name}`" for path in (tmp_path / "evidence").iterdir()} <= set(evidence.split())
    names = {path.name for path in (tmp_path / "exports").iterdir()}
    assert {"config.keras", "config.onnx", "config.tflite", "config.npz", "model_card.md"} <= names
