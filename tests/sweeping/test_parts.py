"""The parts of a sweep by themselves: where it is stored, how values are written into a config, what is best."""

from __future__ import annotations

from pathlib import Path

import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.sweeping.outputs import pick_trial
from lipbuild.sweeping.results import Sweep, SweepTrial
from lipbuild.sweeping.setting import make_setting
from lipbuild.sweeping.short import short_names, short_value
from lipbuild.sweeping.storage import open_storage, shown_url, storage_url
from lipbuild.sweeping.trial_config import trial_config
from lipbuild.text.path import parse_path
from lipbuild.text.set_text import set_text
from lipbuild.text.text import SourceText
from tests.sweeping.conftest import CONFIG, SWEEP


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, "sqlite:////sweeps/a/study.db"),
        ("/data/s.db", "sqlite:////data/s.db"),
        ("sqlite:////data/s.db", "sqlite:////data/s.db"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://u@h:5432/d?sslmode=require", "postgresql+psycopg://u@h:5432/d?sslmode=require"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d"),
    ],
)
def test_a_storage_is_a_file_or_a_postgresql_url(given: str | None, url: str) -> None:
    assert storage_url(given, Path("/sweeps/a")) == url


@pytest.mark.parametrize("given", ["mysql://u@h/d", "sqlite:///:memory:", "sqlite://", "redis://h"])
def test_another_storage_is_refused(given: str) -> None:
    with pytest.raises(UnusableError) as refused:
        storage_url(given, Path())
    assert "postgresql://" in refused.value.help


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://user:secret@localhost:1/none"
    assert shown_url(url) == "postgresql+psycopg://user:***@localhost:1/none"
    with pytest.raises(UnusableError, match="the study cannot be stored there") as refused:
        open_storage(url)
    assert "secret" not in refused.value.message
    (tmp_path / "no.db").write_text("this is no database " * 100)
    with pytest.raises(UnusableError, match="the study cannot be stored there: file is not a database"):
        open_storage(storage_url(str(tmp_path / "no.db"), tmp_path))


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("a: 1 # one\nb: 2\n", "a", "5", "a: 5 # one\nb: 2\n"),
        ("a: {b: 1}\n", "a.c", "5", "a: {b: 1, c: 5}\n"),
        ("a:\n  b: 1 # b\nd: 2\n", "a.c", "5", "a:\n  b: 1 # b\n  c: 5\nd: 2\n"),
        ("a:\n  b: 1", "e.f", "5", "a:\n  b: 1\ne: {f: 5}"),
        ("o: Adam # best\n", "o.rate", "5", "o: {Adam: {rate: 5}} # best\n"),
        ("o: {Adam: {rate: 1}}\n", "o.rate", "5", "o: {Adam: {rate: 5}}\n"),
        ("o: {Adam: {rate: 1}}\n", "o.SGD.rate", "5", "o: {SGD: {rate: 5}}\n"),
        (
            "l:\n  - Flatten\n  - Dense:\n      units: 3\n",
            "l[1].units",
            "5",
            "l:\n  - Flatten\n  - Dense:\n      units: 5\n",
        ),
        (
            "l:\n  - Flatten\n  - Dense:\n      units: 3\n",
            "l[0]",
            "X",
            "l:\n  - X\n  - Dense:\n      units: 3\n",
        ),
        ("o:\n  Adam:\n    rate: 1\nb: 2\n", "o", "{SGD: {}}", "o:\n  {SGD: {}}\nb: 2\n"),
        ("l: [1]\n", "l[3]", "5", None),
        ("a:\nb: 1\n", "a", "5", None),
        ("a: 1\n", "a.b", "5", None),
    ],
)
def test_a_value_is_written_into_a_text(text: str, path: str, value: str, expected: str | None) -> None:
    steps = parse_path(path)
    assert steps is not None
    found = set_text(SourceText("config", text), steps, value)
    assert (found.text if found is not None else None) == expected


def written(path: Path, options: dict[str, str], destination: Path, *overrides: str) -> str:
    """The config of a trial with these values."""
    setting = make_setting(lipbuild.load(path, overrides), overrides, Path("sweeps"))
    return trial_config(setting, SweepTrial(0, "complete", options), destination, "Trial 0.")


def test_paths_of_a_config_that_is_written_elsewhere_are_absolute(tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "d.npz", x=np.zeros((40, 8, 8, 1)), y=np.arange(40) % 10)
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace("digits", "{npz: {path: d.npz}}") + SWEEP, encoding="utf-8")
    text = written(path, {"train.loss.tau": "3"}, tmp_path / "a" / "b.yaml", "train.epochs=9")
    assert f"path: {tmp_path / 'd.npz'}" in text
    assert "  epochs: 9\n" in text
    assert "# for accuracy" in text


def test_a_value_of_a_parent_is_written_over_it(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(CONFIG, encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text("extends: parent.yaml\n" + SWEEP, encoding="utf-8")
    (tmp_path / "a").mkdir()
    other = tmp_path / "a" / "b.yaml"
    text = written(path, {"train.loss.tau": "3", "variables.width": "16"}, other)
    assert text.startswith(f"# Trial 0.\nextends: {tmp_path / 'parent.yaml'}\n")
    other.write_text(text, encoding="utf-8")
    config = lipbuild.load(other).config
    assert config is not None
    assert config.tree["train"]["loss"] == {"TauCategoricalCrossentropy": {"tau": 3}}
    assert config.tree["variables"]["width"] == 16


def test_a_value_that_an_anchor_shares_fills_everything_in(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    layers = "    - SpectralDense: &wide {units: 8}\n    - GroupSort2\n    - SpectralDense: *wide\n"
    text = CONFIG.replace('    - SpectralDense: {units: "${variables.width}"}\n', layers)
    space = "sweep:\n  space: {'model.layers[1].units': [8, 16]}\n  objectives: [accuracy]\n"
    path.write_text(text + space, encoding="utf-8")
    other = tmp_path / "b.yaml"
    other.write_text(written(path, {"model.layers[1].units": "16"}, other), encoding="utf-8")
    checked = lipbuild.load(other)
    assert checked.graph is not None
    assert [node.shape for node in checked.graph.nodes if node.kind == "SpectralDense"] == [
        (16,),
        (8,),
        (10,),
    ]


def test_the_best_by_an_objective_is_picked_from_the_front() -> None:
    points = {0: (0.9, 3.0), 1: (0.8, 1.0), 2: (0.9, 2.0)}
    trials = tuple(SweepTrial(number, "complete", {}, values) for number, values in points.items())
    sweep = Sweep(Path(), "s", "", ("accuracy", "parameters"), (True, False), trials, (2, 1), {})
    assert pick_trial(sweep, "accuracy") == 2
    assert pick_trial(sweep, "parameters") == 1
    assert pick_trial(sweep, "0") == 0
    assert pick_trial(sweep, None) is None


def test_a_line_has_room_for_short_names_alone() -> None:
    paths = ["model.layers[1].units", "model.layers[3].units", "train.optimizer.learning_rate"]
    assert short_names(paths) == ["layers[1].units", "layers[3].units", "learning_rate"]
    assert [short_value(text) for text in ("0.0123456", "128", "Adam")] == ["0.01235", "128", "Adam"]
