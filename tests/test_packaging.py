"""The versions that are promised: what pyproject.toml says, what is tried, and what the workflow tries."""

import importlib.util
import json
import re
import sys
from importlib.resources import files
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from packaging.requirements import Requirement
from tests.conftest import ROOT


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
