"""Cases as Markdown: prose, a config, the diagnostics expected of it, and the config after its fixes.

Each `##` section of a file in `cases/` is one case: a `yaml` block, a `text` block with the output of `lipbuild check`,
and, where fixes change it, a second `yaml` block with the text after `--fix` (under "Fixed") or `--unsafe-fixes`
(under "Fixed, unsafe fixes too").
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from lipbuild.diagnostics.text import render
from lipbuild.rules.check import check
from lipbuild.rules.fix import fix
from lipbuild.text.text import SourceText

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One section of a file."""

    name: str
    config: str
    output: str
    fixed: str | None
    fixed_unsafely: str | None


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for title, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
            blocks = re.findall(r"(?:^|\n)([^\n]*)\n+```(yaml|text)\n(.*?)```", body, re.DOTALL)
            config = next(block for _, kind, block in blocks if kind == "yaml")
            after = {head: block for head, kind, block in blocks if kind == "yaml"}
            found.append(
                Case(
                    f"{path.stem}: {title}",
                    config,
                    next((block for _, kind, block in blocks if kind == "text"), ""),
                    after.get("Fixed:"),
                    after.get("Fixed, unsafe fixes too:"),
                )
            )
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_is_as_it_is_written(case: Case) -> None:
    source = SourceText("config.yaml", case.config)
    assert render(check(source).diagnostics) == case.output
    for expected, unsafe in ((case.fixed, False), (case.fixed_unsafely, True)):
        if expected is not None:
            assert fix(source, unsafe=unsafe).source.text == expected
