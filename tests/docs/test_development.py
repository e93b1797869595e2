"""The worked examples of docs/development.md: each applies to a copy of the project, and what it adds works there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (Add [^\n]*)\n.*?^```diff\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))

TESTS = """
import sys, pytest
sys.exit(pytest.main([
    "-q", "-p", "no:cacheprovider", "tests/registry/test_every_layer.py", "tests/registry/test_losses_and_metrics.py",
    "tests/rules/test_every_rule.py",
    "-k", "(CayleyDense and not bias) or SquaredMargin or redundant-flatten or its_name",
]))
"""
EXPORT = """
import lipbuild
config = {
    "model": {"input": [8, 8, 1], "layers": [
        "Flatten", {"CayleyDense": {"units": 12}}, "GroupSort2", {"CayleyDense": {"units": 10}}]},
    "data": {"source": "digits"},
    "train": {"loss": {"SquaredMargin": {"target_radius": 0.2}}, "epochs": 1, "batch_size": 256},
}
run = lipbuild.train(config, "runs", quiet=True)
print(lipbuild.export(run.folder.path, ["json"])[0].path)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with all examples."""
    folder = tmp_path_factory.mktemp("project")
    for part in ("lipbuild", "tests", "configs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "runs"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, patch in EXAMPLES.items():
        done = subprocess.run(
            ["git", "apply", "--unsafe-paths", "--directory", str(folder), "-"],
            input=patch,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=folder,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
    return folder


def _python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


@pytest.mark.nightly
def test_what_the_examples_add_passes_the_tests_of_its_kind(copy: Path) -> None:
    assert list(EXAMPLES) == ["Add a layer", "Add a loss", "Add a rule", "Add an export format"]
    done = _python(TESTS, copy)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 15  # type: ignore[index]


@pytest.mark.nightly
def test_what_the_examples_add_works_together(copy: Path) -> None:
    done = _python(EXPORT, copy)
    assert done.returncode == 0, done.stderr
    exported = json.loads((copy / done.stdout.splitlines()[-1]).read_text(encoding="utf-8"))
    assert set(exported) == {"architecture", "weights", "metadata"}
