"""Files and folders that take the place of others, and what a killed writer leaves."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from lipbuild.errors import UnusableError
from lipbuild.training import files
from lipbuild.training.files import write_files
from tests.benchmarks.kill_while_replacing import found, kill, write


def test_a_killed_writer_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    wrong, versions = kill(tmp_path, 5, 0)
    assert wrong == 0
    assert versions >= 5


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_takes_the_place_of_another(
    exchanges: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanges:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    (tmp_path / f".partial-{uuid4().hex}").mkdir()
    (tmp_path / ".partial-notes").mkdir()
    for version in (1, 2):
        write(tmp_path, version)
        assert found(tmp_path) == {str(version)}
    assert {path.name for path in tmp_path.iterdir()} == {"model", "model.gate.json", ".partial-notes"}


def test_what_another_writer_is_making_stays(tmp_path: Path) -> None:
    def make(place: Path) -> None:
        write(tmp_path, 1)
        (place / "mine").write_text("")

    write_files(tmp_path, make)
    assert (tmp_path / "mine").exists()
    assert found(tmp_path) == {"1"}


def test_a_file_takes_no_folders_place_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()

    def make(place: Path) -> None:
        for name in ("a", "b"):
            (place / name).write_text("")

    with pytest.raises(UnusableError, match="it is a folder, and a file must be written there"):
        write_files(tmp_path, make)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
