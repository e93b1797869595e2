"""Every command and the program of the page on sweeps run, in their order."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from lipbuild.cli.run import run
from lipbuild.config.config import Config
from tests.conftest import CONFIGS, ROOT

PAGE = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.nightly
def test_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CONFIGS / "sweeps", tmp_path / "configs" / "sweeps")
    config = tmp_path / "configs" / "sweeps" / "digits.yaml"
    text = config.read_text(encoding="utf-8")
    assert "epochs: 10\n" in text
    assert "trials: 20\n" in text
    # One trial that takes no time: the commands after the first find that there are enough.
    config.write_text(text.replace("epochs: 10\n", "epochs: 1\n").replace("trials: 20\n", "trials: 1\n"))
    monkeypatch.chdir(tmp_path)
    commands = [line[2:] for block in blocks("console") for line in block.splitlines()]
    shown = {}
    for command in commands:
        # What stands for a server is, in its place, a file.
        words = command.replace("postgresql://user:password@host/database", "shared.db --trials 0").split()
        assert words[0] == "lipbuild"
        # One process is enough to find that there is nothing left to do.
        words = ["1" if word == "2" and words[i - 1] == "--workers" else word for i, word in enumerate(words)]
        status, texts = run(words[1:]), capsys.readouterr()
        assert status == 0, (command, texts)
        shown[command] = texts.out
    folder = tmp_path / "sweeps" / "digits_sweep"
    written = {path.name for path in folder.iterdir()}
    named = set(re.findall(r"^\| `(\w[\w.]*)[/`]", PAGE, re.MULTILINE)) & {
        *("trials.csv", "trials", "best.yaml", "pareto", "sweep.svg", "study.db")
    }
    assert len(named) == 6
    assert named <= written
    assert "1 trial: 1 complete" in shown[commands[1]]
    assert "a sweep of 4 keys" in shown[commands[0]]
    assert (tmp_path / "shared.db").is_file()

    [program] = blocks("python")
    place: dict[str, object] = {}
    exec(compile(program.replace("trials=20", "trials=1"), "sweep.md", "exec"), place)
    assert "best.yaml" in capsys.readouterr().out


def test_the_table_of_the_space_is_how_it_is_read() -> None:
    from lipbuild.config.config import decode_config
    from lipbuild.text.load import load
    from lipbuild.text.text import SourceText

    values = re.findall(r"^\| `([\[{][^`]*)` \|", PAGE, re.MULTILINE)
    assert len(values) == 5
    lines = "".join(f"    k{number}: {value}\n" for number, value in enumerate(values))
    text = f"model: {{input: [2], layers: [Flatten]}}\nsweep:\n  objectives: [accuracy]\n  space:\n{lines}"
    loaded = load(SourceText("config", text))
    assert loaded.root is not None
    config: Config
    config, problems = decode_config(loaded.root, Path())
    assert problems == ()
    assert [key.count for key in config.space] == [3, 10, None, 4, None]
    stepped = config.space[3].range
    assert stepped is not None
    assert [stepped.number(index) for index in range(4)] == [16, 32, 48, 64]
