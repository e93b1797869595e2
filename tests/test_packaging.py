"""The versions that are promised: what pyproject.toml says, what is tried, and what the workflow tries."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from lipbuild.missing import missing_package
from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from packaging.requirements import Requirement
from tests.conftest import CONFIGS, ROOT


def module(name: str) -> ModuleType:
    """A script of packaging/, which is no package."""
    path = ROOT / "packaging" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


requirements = module("requirements")
try_versions = module("try_versions")


def test_every_requirement_has_a_lowest_version() -> None:
    extras = requirements.PROJECT["project"]["optional-dependencies"]
    needed = [*requirements.requirements(), *requirements.light_requirements()]
    for text in [*needed, *(one for name in extras if name != "all" for one in extras[name])]:
        pinned = Requirement(requirements.lowest(text))
        (version,) = pinned.specifier
        assert version.operator == "=="
        assert Requirement(text).specifier.contains(version.version)
        assert pinned.marker == Requirement(text).marker


def test_the_light_requirements_are_all_there() -> None:
    assert {requirements.name_of(one) for one in requirements.light_requirements()} == set(requirements.LIGHT)


def test_what_is_promised_is_tried() -> None:
    said = [re.fullmatch(r".* :: (3\.\d+)", one) for one in requirements.PROJECT["project"]["classifiers"]]
    promised = [found[1] for found in said if found]
    text = (ROOT / ".github" / "workflows" / "versions.yml").read_text(encoding="utf-8")
    root = parse(SourceText("versions.yml", text)).root
    assert root is not None
    workflow: Any = plain(root)
    matrix = workflow["jobs"]["try"]["strategy"]["matrix"]
    assert matrix == {"python": promised, "bound": ["lowest", "highest"]}
    assert list(try_versions.PYTHONS) == promised
    schema = files(pytest.importorskip("check_jsonschema") and "check_jsonschema.builtin_schemas")
    jsonschema.validate(workflow, json.loads(schema.joinpath("vendor", "github-workflows.json").read_text()))


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = importlib.util.find_spec
    gone = ("tensorflow", "sklearn")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in gone else there(name))
    found = missing_package(ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow.python"))
    assert found is not None
    assert found.message == "the package `tensorflow` is not installed"
    assert re.fullmatch(r"pip install '?tensorflow\S* '?scikit-learn\S*", found.help)
    # A part of a package that is there, and what is none of lipbuild's.
    assert missing_package(ModuleNotFoundError("", name="keras.nonsense")) is None
    assert missing_package(ModuleNotFoundError("", name="nonsense")) is None


def files_of(wheel: Path) -> set[str]:
    """The files of a wheel but its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.mark.nightly
def test_the_light_distribution_is_small_and_runs_its_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("build")
    subprocess.run(
        [sys.executable, ROOT / "packaging" / "make_distributions.py", tmp_path / "dist"], check=True
    )
    (core,), (full,) = ((tmp_path / "dist").glob(f"{name}-*.whl") for name in ("lipbuild_core", "lipbuild"))
    assert "lipbuild/__main__.py" in files_of(core)
    assert files_of(full) == set()

    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "-qq"]
    subprocess.run([*pip, "install", "--no-compile", core], check=True)
    size = sum(path.stat().st_size for path in venv.rglob("*") if path.is_file() and not path.is_symlink())
    with capsys.disabled():
        print(f"\nlipbuild-core and what it needs: {size / 1e6:.1f} MB")
    assert size <= 100e6

    try_versions.certify_a_model(tmp_path)
    folder = tmp_path / "light"
    folder.mkdir()
    lipbuild = venv / "bin" / "lipbuild"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [lipbuild, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            check=False,
        )

    for arguments in try_versions.commands(folder, light=True):
        done = run(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    done = run("train", CONFIGS / "digits_mlp.yaml")
    assert done.returncode == 2
    assert "the package `tensorflow` is not installed\n  help: pip install 'tensorflow>=" in done.stderr

    # The other one comes and goes without harm.
    subprocess.run([*pip, "install", "--no-deps", full], check=True)
    subprocess.run([*pip, "uninstall", "--yes", "lipbuild"], check=True)
    assert run("check", CONFIGS / "digits_mlp.yaml").returncode == 0
