"""The page about tables, from the file to the names in an ONNX file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli
from tests.docs.test_docs import blocks

PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def run_program(program: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.nightly
def test_the_page_leads_from_a_table_to_an_onnx_file_that_names_its_columns(cli: Cli, tmp_path: Path) -> None:
    make, read = blocks(PAGE, "python")
    [written] = blocks(PAGE, "text")
    run_program(make, tmp_path)
    commands = [
        command.partition("\n")
        for block in blocks(PAGE, "console")
        for command in block.split("$ lipbuild ")[1:]
    ]
    assert len(commands) == 8
    shown = {}
    for command, _, output in commands:
        done = cli(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert output.strip() in done.stdout
        shown[command.split()[0]] = done.stdout
    assert written in (tmp_path / "cars.yaml").read_text()
    assert "remark" not in shown["check"]
    # The line of the second car, whose power is missing.
    assert shown["predict"].count("\n1 ") == 1
    assert "origin     another value" in shown["evaluate"]
    run_program(read, tmp_path)
