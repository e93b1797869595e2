"""Each tutorial is a notebook that runs, and a page that was made from it."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import keras
import pytest

from tests.conftest import ROOT

TUTORIALS = ROOT / "docs" / "tutorials"
NOTEBOOKS = sorted(TUTORIALS.glob("*.ipynb"))
# The others repeat what these do, on other data or with more trainings.
OFTEN = {"safe-layers", "certificate-and-export"}


def _notebooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "docs" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["notebooks"] = module
    spec.loader.exec_module(module)
    return module


notebooks = _notebooks()


def static(cell: object) -> list[str]:
    """What of a cell stands in its page whatever it prints."""
    if cell.is_shell:  # type: ignore[attr-defined]
        return [f"$ {line[1:]}\n" for line in cell.source.splitlines()]  # type: ignore[attr-defined]
    return [notebooks.shown(cell, "")]


def shape(text: str) -> str:
    """A text without its figures, and without the places where its lines break, which depend on them."""
    return " ".join(re.sub(r"-?\d[\d.e-]*|─+", "#", text).split())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_is_made_from_its_notebook(notebook: Path) -> None:
    page = notebook.with_suffix(".md").read_text(encoding="utf-8")
    at = 0
    for cell in notebooks.cells(notebook):
        for part in static(cell):
            found = page.find(part, at)
            assert found >= 0, f"run `python docs/notebooks.py {notebook.stem}`: the page lacks\n{part}"
            at = found + len(part)
    shown = re.findall(r"\]\(images/([^)]+)\)", page)
    written = {path.name for path in notebooks.IMAGES.glob(f"{notebook.stem}-[0-9]*.svg")}
    assert set(shown) == written
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page):
        assert (TUTORIALS / target).exists(), target


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_holds_no_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in content["cells"])
    pytest.importorskip("nbformat").validate(content)


@pytest.mark.parametrize(
    "notebook",
    [p if p.stem in OFTEN else pytest.param(p, marks=pytest.mark.nightly) for p in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_a_notebook_runs_with_few_epochs(notebook: Path, tmp_path: Path) -> None:
    outputs = notebooks.run(notebook, tmp_path, epochs=1)
    text, images = notebooks.page(notebook, outputs)
    page = notebook.with_suffix(".md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\(images/([^)]+)\)", page)) == sorted(images)
    # What depends on how well it is trained may be in other words.
    assert len(re.findall("^```", text, re.MULTILINE)) == len(re.findall("^```", page, re.MULTILINE))
    keras.utils.clear_session()


@pytest.mark.nightly
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_shows_what_its_notebook_prints(notebook: Path, tmp_path: Path) -> None:
    """Figures may differ on another machine; everything else is the same."""
    text, _ = notebooks.page(notebook, notebooks.run(notebook, tmp_path))
    page = notebook.with_suffix(".md").read_text(encoding="utf-8")
    assert shape(text) == shape(page)
