"""What a project needs that others can join: workflows, templates, a citation, links that work on a package index."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

import lipbuild
from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATES = [ROOT / ".github" / "ISSUE_TEMPLATE" / name for name in ("bug.yml", "feature.yml")]


def schema(name: str) -> Any:
    pytest.importorskip("check_jsonschema")
    place = files("check_jsonschema.builtin_schemas").joinpath("vendor", f"{name}.json")
    return json.loads(place.read_text(encoding="utf-8"))


def read(path: Path) -> Any:
    # A plain loader takes the key `on` for a truth value.
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one_and_its_make_targets_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    workflow["on"] = workflow.pop(True)
    jsonschema.validate(workflow, schema("github-workflows"))
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"run: make (\w+)", text)) <= set(targets)


def test_there_are_workflows_for_tests_the_site_and_a_release() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"tests", "nightly", "site", "release"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_an_issue_template_is_one(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema("github-issue-forms"))


def test_the_citation_is_one_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    jsonschema.validate(citation, schema("citation-file-format"))
    assert citation["version"] == lipbuild.__version__


@pytest.fixture(scope="module")
def links() -> ModuleType:
    spec = importlib.util.spec_from_file_location("absolute_links", ROOT / "docs" / "absolute_links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_links_of_the_readme_work_on_an_index_once_the_project_has_an_address(links: ModuleType) -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    set_up = (
        f'{pyproject}\n[project.urls]\nHomepage = "https://x.org"\nRepository = "https://example.org/l/"\n'
    )
    assert links.address(set_up) == "https://example.org/l"
    readme = links.absolute((ROOT / "README.md").read_text(encoding="utf-8"), "https://example.org/l", "v1")
    found = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(found) > 20
    assert all(target.startswith(("https://", "#")) for target in found)
    assert "(https://example.org/l/blob/v1/docs/data.md)" in readme
    assert "(https://example.org/l/raw/v1/docs/pictures/pipeline.svg)" in readme


def test_nothing_fetches_from_a_name_that_nobody_owns(links: ModuleType) -> None:
    """While the project has no address, no page and no message names one, or lipbuild on a package index."""
    if links.address((ROOT / "pyproject.toml").read_text(encoding="utf-8")) is not None:
        return
    listed = subprocess.run(
        ["git", "ls-files", "lipbuild", "docs", "configs", ".github", "*.md", "*.yaml", "*.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    fetched = re.compile(
        r"OWNER/|github\.com/[\w-]+/lipbuild|pip install [^\n`]*['\" ]lipbuild(?![-_*\w/])|lipbuild(\[\w+\])?=="
    )
    found = {}
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".txt"} and path.is_file():
            place = fetched.search(path.read_text(encoding="utf-8"))
            if place is not None:
                found[name] = place[0]
    assert found == {}
