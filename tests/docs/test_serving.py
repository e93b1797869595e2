"""The commands and the program of the page about serving."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

import lipbuild
from tests.conftest import CONFIGS, ROOT
from tests.docs.test_docs import blocks

PAGE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served")
    config = lipbuild.load(CONFIGS / "digits_mlp.yaml", ["train.epochs=1", "name=config"])
    run = lipbuild.train(config, path / "runs", quiet=True)
    run.folder.path.rename(path / "runs" / "config-TIME")
    lipbuild.export(path / "runs" / "config-TIME", ["onnx"], path / "model.onnx", with_radius=True)
    return path


COMMANDS = [line.split()[2:] for block in blocks(PAGE, "console") for line in block.splitlines()]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_of_the_page_serves_and_its_program_is_answered(command: list[str], folder: Path) -> None:
    assert len(COMMANDS) == 5
    serves = "--dockerfile" not in command
    # A free port, for the one of the page may be taken.
    command = ["0" if part == "8000" else part for part in command]
    if serves and "--port" not in command:
        command += ["--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lipbuild", *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if serves:
            found = re.search(r"(http://127\.0\.0\.1:\d+)", line)
            assert found is not None, line + process.communicate()[1]
            [program] = blocks(PAGE, "python")
            namespace: dict[str, object] = {}
            exec(program.replace("http://127.0.0.1:8000", found[1]), namespace)
            [first, second] = namespace["answer"]["predictions"]  # type: ignore[index]
            assert first == second
            assert first["radius"] >= 0
            assert urllib.request.urlopen(f"{found[1]}/health").status == 200
            [asked] = blocks(PAGE, "bash")
            Image.new("L", (8, 8), 128).save(folder / "cat.png")
            answer = subprocess.run(
                asked.replace("http://127.0.0.1:8000", found[1]),
                shell=True,
                cwd=folder,
                check=True,
                capture_output=True,
            )
            assert set(json.loads(answer.stdout)["predictions"][0]) == set(first)
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
    assert serves or (folder / "Dockerfile").read_text().startswith("# model.onnx behind HTTP")
