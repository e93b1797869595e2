"""What docs/checking.md shows: the error, the fixes, the hooks, the workflow and JSON."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lipbuild.rules.fix import fix
from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from tests.conftest import CONFIGS, ROOT
from tests.json_results import validated

PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
GOOD = (CONFIGS / "digits_mlp.yaml").read_text(encoding="utf-8")
BAD = GOOD.replace("- SpectralDense", "- Dense", 1)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def read(text: str) -> Any:
    root = parse(SourceText("", text)).root
    assert root is not None
    return plain(root)


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command line that starts with `lipbuild`, as a shell runs it."""
    name, *arguments = shlex.split(command)
    assert name == "lipbuild"
    return subprocess.run(
        [sys.executable, "-m", "lipbuild", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "configs" / "bad.yaml").write_text(BAD, encoding="utf-8")
    return tmp_path


COMMANDS = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]


def test_every_command_of_the_page_runs(folder: Path) -> None:
    for name in ("config.yaml", "other.yaml", "configs/bad.yaml", "configs/digits_residual.yaml"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    assert len(COMMANDS) > 6
    script = "\n".join(command for command in COMMANDS if "--watch" not in command)
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "network.mmd").read_text(encoding="utf-8").startswith("flowchart TD")
    assert json.loads((folder / "lipbuild.schema.json").read_text(encoding="utf-8"))


def test_the_error_is_one_of_the_tested_cases() -> None:
    (error,) = blocks("text")
    assert error in (ROOT / "tests" / "rules" / "cases" / "graphs.md").read_text(encoding="utf-8")


def test_the_fixes_are_those_that_are_made() -> None:
    (diff,) = blocks("diff")
    lines = diff.splitlines()
    head = "model:\n  input: [8, 8, 1]\n  layers:\n"
    before = head + "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    after = head + "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    data = "data: {source: digits, validation: 0.1}\nseed: 0\ntrain: {loss: {TauCategoricalCrossentropy: {tau: 9}}, epochs: 3}\n"  # noqa: E501
    assert fix(SourceText("c.yaml", before + data), unsafe=True).source.text == after + data


@pytest.mark.parametrize("hook", read((ROOT / ".pre-commit-hooks.yaml").read_text()), ids=lambda h: h["id"])
def test_a_hook_lets_a_good_config_pass_and_stops_a_bad_one(hook: dict[str, Any], folder: Path) -> None:
    assert hook["language"] == "system"
    # pre-commit adds the files of a change to the entry.
    assert run(f"{hook['entry']} configs/good.yaml", folder).returncode == 0
    done = run(f"{hook['entry']} configs/good.yaml configs/bad.yaml", folder)
    mended = (folder / "configs" / "bad.yaml").read_text(encoding="utf-8") == GOOD
    assert mended == ("--fix" in hook["entry"])
    assert done.returncode == (0 if mended else 1)
    assert (folder / "configs" / "good.yaml").read_text(encoding="utf-8") == GOOD


def test_the_hooks_of_the_page_are_there_and_run(folder: Path) -> None:
    there = {hook["id"] for hook in read((ROOT / ".pre-commit-hooks.yaml").read_text())}
    shown = [read(block) for block in blocks("yml") if block.startswith("repos:")]
    hooks = [hook for config in shown for repo in config["repos"] for hook in repo["hooks"]]
    assert {hook["id"] for hook in hooks} <= there
    assert [run(f"{hook['entry']} configs/bad.yaml", folder).returncode for hook in hooks] == [1, 0]


def test_the_workflow_is_one_and_its_commands_do_what_it_says(folder: Path) -> None:
    pytest.importorskip("check_jsonschema")
    pytest.importorskip("sarif_kit")
    from sarif_kit.validate import validation_errors

    (text,) = (block for block in blocks("yml") if "runs-on" in block)
    workflow = read(text)
    schema = files("check_jsonschema.builtin_schemas").joinpath("vendor", "github-workflows.json").read_text()
    jsonschema.validate(workflow, json.loads(schema))
    steps = workflow["jobs"]["check"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith("lipbuild")]
    sarif, _, target = commands[0].partition(" > ")
    done = run(sarif, folder)
    assert done.returncode == 0
    assert validation_errors(json.loads(done.stdout)) == []
    assert target in [step.get("with", {}).get("sarif_file") for step in steps]
    done = run(commands[1], folder)
    assert done.returncode == 1
    assert re.fullmatch(r"::error file=configs/bad\.yaml,line=\d+,col=7,.*::.*\n", done.stdout)


def test_json_is_what_its_schema_says(folder: Path) -> None:
    data = validated("check", run("lipbuild check --format json --graph configs", folder).stdout)
    assert [file["ok"] for file in data["files"]] == [False, True]
