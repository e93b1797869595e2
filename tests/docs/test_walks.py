"""The walks: every command and program of a page, in their order, in one folder and one process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lipbuild.cli.run import run
from lipbuild.diagnostics.text import render
from lipbuild.rules.check import check
from lipbuild.text.text import SourceText
from tests.conftest import ROOT

WALKS = ROOT / "docs" / "walks"
# The command that ends in another status than 0 on purpose, by its page.
STATUSES = {("researcher", "verify model.keras --data test.npz"): 3}
# The other two lead through commands that the pages about tables and exports run as well.
NAMES = [pytest.param(name, marks=pytest.mark.nightly) for name in ("safety-engineer", "pipelines")]


@pytest.mark.parametrize("name", ["researcher", "lecturer", *NAMES])
def test_a_walk_leads_to_its_aim(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (WALKS / f"{name}.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    steps = re.findall(r"^```(python|console|yaml)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(steps) > 3
    for kind, block in steps:
        if kind == "python":
            exec(compile(block, f"{name}.md", "exec"), namespace)
        elif kind == "yaml":
            (tmp_path / "configs").mkdir()
            (tmp_path / "configs" / "digits.yaml").write_text(block)
        else:
            for line in block.splitlines():
                command = line.removeprefix("$ lipbuild ")
                status, shown = run(command.split()), capsys.readouterr()
                assert status == STATUSES.get((name, command), 0), (command, shown)


def test_the_twenty_mistakes_are_answered_as_the_page_says() -> None:
    page = (WALKS / "mistakes.md").read_text(encoding="utf-8")
    mistakes = re.findall(
        r"^## \d+\. .*?\n```yaml\n(.*?)^```\n\n```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL
    )
    assert len(mistakes) == 20
    for config, answer in mistakes:
        assert render(check(SourceText("config.yaml", config)).diagnostics, width=80) == answer


def test_every_walk_is_listed() -> None:
    listed = re.findall(r"\]\(([\w-]+)\.md\)", (WALKS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.stem for path in WALKS.glob("*.md") if path.stem != "README")
