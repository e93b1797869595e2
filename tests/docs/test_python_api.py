"""The programs of the page about Python, run one after the other as in one notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.test_docs import blocks

PAGE = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")


def test_the_programs_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    programs = blocks(PAGE, "python")
    assert len(programs) == 8
    for program in programs:
        exec(compile(program, "python-api.md", "exec"), namespace)
    assert (tmp_path / "digits.yaml").is_file()
    assert str(namespace["html"]).startswith("<table>")
    exported = {path.suffix for path in tmp_path.glob("runs/*/exports/*")}
    assert {".keras", ".onnx", ".json", ".md"} <= exported


@pytest.mark.parametrize("name", ["layers", "losses", "metrics", "models", "constraints"])
def test_the_program_of_a_page_of_classes_runs(name: str) -> None:
    page = ROOT / "docs" / f"python-{name}.md"
    [program] = blocks(page.read_text(encoding="utf-8"), "python")
    exec(compile(program, page.name, "exec"), {})
