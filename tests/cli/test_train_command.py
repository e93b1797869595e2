"""`lipbuild train` as a command: what it refuses. What it prints is tested with the page on training."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CONFIGS, Cli

MLP = CONFIGS / "digits_mlp.yaml"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is no config"),
        ((MLP, "--resume", "a", "--run", "b"), "`--resume` and `--run` both name a run folder"),
        (("--resume", "nowhere"), "nowhere: there is no such run folder"),
        ((MLP, "--cluster", "a:1,b:1"), "`--cluster` without `--index`"),
        ((MLP, "--format", "xml"), "'xml' is not one of"),
    ],
)
def test_wrong_options_end_with_2_at_once(arguments: tuple[object, ...], message: str, cli: Cli) -> None:
    done = cli("train", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_holds_something_else_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").touch()
    done = cli("train", MLP, "--run", "mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "mine: it is not a run folder, and it is not empty" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["precious"]
