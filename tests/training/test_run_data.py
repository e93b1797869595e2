"""A run's data is held against what its training knew, by every command that reads it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipbuild.data.contract.contract import sealed
from tests.conftest import Cli

LAYERS = "model: {layers: [Flatten, SpectralDense: {units: 8}, GroupSort2, SpectralDense: {units: 2}]}\n"
TRAIN = "train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, epochs: 2, batch_size: 16}\n"


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (6, 6), dtype=np.uint8)).save(path)


@pytest.fixture(scope="module")
def noise(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise with arbitrary labels, and a run that learnt some of it by heart."""
    folder = tmp_path_factory.mktemp("noise")
    for number in range(40):
        picture(folder / "images" / "ab"[number % 2] / f"{number:02}.png", number)
    source = "data: {source: {image_folder: {path: images, channels: 1}}}\n"
    (folder / "c.yaml").write_text(f"name: noise\n{LAYERS}{source}{TRAIN}")
    assert cli("train", "c.yaml", "--run", "run", "-q", cwd=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def table(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table and a run of it."""
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(0)
    rows = [
        (f"{height:.6f}", f"{width:.6f}", "cat" if width > 0.5 else "ant")
        for height, width in rng.random((60, 2))
    ]
    write(folder / "t.csv", ["height", "width", "kind"], rows)
    source = "data: {source: {csv: {path: t.csv, target: kind}}, validation: 0.2}\n"
    (folder / "c.yaml").write_text(f"name: table\n{LAYERS}{source}{TRAIN}")
    assert cli("train", "c.yaml", "--run", "run", "-q", cwd=folder).returncode == 0
    return folder


def write(path: Path, header: list[str], rows: list[tuple[str, ...]]) -> None:
    path.write_text("\n".join(",".join(row) for row in [tuple(header), *rows]) + "\n")


def rows_of(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def evaluation(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "run" / "evaluation.json").read_text())
    return found


@pytest.mark.nightly
def test_an_image_that_came_later_moves_no_other(cli: Cli, noise: Path) -> None:
    assert cli("evaluate", "run", "--no-attack", cwd=noise).returncode == 0
    before = evaluation(noise)
    picture(noise / "images" / "a" / "00b.png", 99)
    (noise / "run" / "evaluation.json").unlink()
    try:
        for command in (
            ["evaluate", "run", "--no-attack"],
            ["certify", "run"],
            ["export", "run", "--to", "keras"],
        ):
            done = cli(*command, cwd=noise)
            assert done.returncode == 1
            assert f"of its samples 1 new ({Path('a', '00b.png')})" in done.stderr
        # Nothing is written of what is refused.
        assert not {"evaluation.json", "certificate.json", "exports"} & {
            p.name for p in (noise / "run").iterdir()
        }
        done = cli("evaluate", "run", "--no-attack", "--known-only", cwd=noise)
        assert done.returncode == 0
        assert "new and changed ones are left out" in done.stderr
        data = evaluation(noise)["data"]
        assert isinstance(data, dict)
        assert data["notes"]
        assert {**evaluation(noise), "data": 0} == {**before, "data": 0}

        assert cli("certify", "run", "--known-only", cwd=noise).returncode == 0
        statement = json.loads((noise / "run" / "certificate.json").read_text())
        contract = json.loads((noise / "run" / "data.json").read_text())
        part = {"name": "test", "digest": contract["parts"]["test"]["digest"]}
        assert statement["predicate"]["samples"]["part"] == part
        assert data["digest"] == part["digest"]
        assert "1 new" in cli("verify", "run", "run/certificate.json", cwd=noise).stderr
        assert cli("verify", "run", "run/certificate.json", "--known-only", cwd=noise).returncode == 0
    finally:
        (noise / "images" / "a" / "00b.png").unlink()


def test_a_picture_that_is_another_one_is_named(cli: Cli, noise: Path) -> None:
    changed, gone = noise / "images" / "b" / "03.png", noise / "images" / "a" / "04.png"
    kept = changed.read_bytes(), gone.read_bytes()
    picture(changed, 98)
    gone.unlink()
    try:
        done = cli("evaluate", "run", "--no-attack", cwd=noise)
        assert f"1 changed ({Path('b', '03.png')}) and 1 gone ({Path('a', '04.png')})" in done.stderr
        assert done.returncode == 1
    finally:
        changed.write_bytes(kept[0])
        gone.write_bytes(kept[1])


def test_the_order_of_rows_and_columns_changes_nothing(cli: Cli, table: Path) -> None:
    assert cli("evaluate", "run", "--no-attack", cwd=table).returncode == 0
    before = evaluation(table), (table / "run" / "evaluation_samples.csv").read_text()
    rows = rows_of(table / "t.csv")
    other = table / "moved.csv"
    write(other, ["width", "kind", "height"], [(w, k, h) for h, w, k in reversed(rows)])
    there = f"data.source.csv.path={other}"
    done = cli("evaluate", "run", "--no-attack", "--set", there, cwd=table)
    assert (done.returncode, done.stderr) == (0, "")
    assert (evaluation(table), (table / "run" / "evaluation_samples.csv").read_text()) == before
    write(other, ["widht", "kind", "height"], [(w, k, h) for h, w, k in rows])
    done = cli("evaluate", "run", "--no-attack", "--set", there, cwd=table)
    assert done.returncode == 1
    # A message is wrapped, at another word where the folder has a longer name.
    said = " ".join(done.stderr.split())
    assert "no column `width`" in said
    assert "`widht`" in said


def test_a_label_that_was_changed_is_named_by_its_row(cli: Cli, table: Path) -> None:
    rows = rows_of(table / "t.csv")
    # A class that the training had not, before its own in the alphabet.
    changed = [*rows[:16], (*rows[16][:2], "aardvark"), *rows[17:-1]]
    write(table / "changed.csv", ["height", "width", "kind"], changed)
    there = f"data.source.csv.path={table / 'changed.csv'}"
    done = cli("evaluate", "run", "--no-attack", "--set", there, cwd=table)
    assert "of its samples 1 changed (row 17) and 1 gone (row 60)" in done.stderr
    assert done.returncode == 1
    done = cli("evaluate", "run", "--no-attack", "--known-only", "--set", there, cwd=table)
    assert done.returncode == 0
    assert evaluation(table)["confusion"]["classes"] == ["ant", "cat"]  # type: ignore[index]


def test_other_data_is_measured_as_that(cli: Cli, table: Path) -> None:
    rows = rows_of(table / "t.csv")
    # Cats alone, and the columns in another order.
    write(table / "cats.csv", ["kind", "width", "height"], [("cat", w, h) for h, w, _ in rows[:10]])
    done = cli("evaluate", "run", "--no-attack", "--on", "cats.csv", cwd=table)
    assert done.returncode == 0
    assert "10 samples of cats.csv, which is other data than the run's" in done.stdout
    found = evaluation(table)
    assert (found["samples"], found["data"]["on"], found["data"]["part"]) == (10, "cats.csv", None)  # type: ignore[index]
    assert "cats.csv" in (table / "run" / "report.html").read_text()
    done = cli("evaluate", "run", "--no-attack", "--on", "t.csv", cwd=table)
    assert "38 of the samples are ones that the network was trained on" in done.stdout
    write(table / "dogs.csv", ["height", "width", "kind"], [*rows[:3], ("1", "1", "dog")])
    for words, message in (
        (["--on", "dogs.csv"], "row 4 is of the class `dog`, which the training had not"),
        (["--on", "nothing.csv"], "there is no such file"),
        (["--on", "t.csv", "--known-only"], "give one of them"),
    ):
        before = (table / "run" / "evaluation.json").read_bytes()
        done = cli("evaluate", "run", "--no-attack", *words, cwd=table)
        assert done.returncode in (1, 2)
        assert message in done.stderr
        assert (table / "run" / "evaluation.json").read_bytes() == before


def test_predictions_need_no_training_data(cli: Cli, table: Path) -> None:
    moved = table / "elsewhere"
    moved.mkdir()
    shutil.copytree(table / "run", moved / "run")
    write(moved / "new.csv", ["height", "width"], [("0.5", "0.9"), ("0.5", "0.1")])
    (table / "t.csv").rename(table / "away.csv")
    try:
        done = cli("predict", "run", "new.csv", "-f", "csv", cwd=moved)
        assert done.returncode == 0
        assert {row[1] for row in csv.reader(done.stdout.splitlines()[1:])} <= {"ant", "cat"}
    finally:
        (table / "away.csv").rename(table / "t.csv")
    # Its data is looked for where it would have moved to, and not where it was.
    done = cli("certify", "run", cwd=moved)
    assert done.returncode == 2
    assert "t.csv: there is no such file" in done.stderr
    shutil.copy(table / "t.csv", moved)
    assert cli("certify", "run", cwd=moved).returncode == 0


@pytest.mark.nightly
def test_a_run_without_a_contract_says_what_is_not_checked(cli: Cli, table: Path) -> None:
    shutil.copytree(table / "run", table / "old")
    for name in ("data.json", "data.samples"):
        (table / "old" / name).unlink()
    write(table / "new.csv", ["height", "width"], [("0.5", "0.9")])
    done = cli("predict", "old", "new.csv", cwd=table)
    assert "it has no data contract, so columns, classes and images are not checked" in done.stderr
    done = cli("evaluate", "old", "--no-attack", "--on", "t.csv", cwd=table)
    assert "nothing says which of the samples the network was trained on" in done.stdout
    done = cli("evaluate", "old", "--no-attack", cwd=table)
    assert done.returncode == 0
    [line] = done.stderr.splitlines()
    assert "it has no data contract, so it is not checked that each sample" in line
    assert cli("certify", "old", cwd=table).returncode == 0
    assert "part" not in json.loads((table / "old" / "certificate.json").read_text())["predicate"]["samples"]


@pytest.mark.nightly
def test_an_audit_says_whether_data_is_that_of_the_training(cli: Cli, table: Path) -> None:
    done = cli("audit", "run", "--data", "t.csv", cwd=table)
    assert done.returncode == 0
    assert done.stdout.endswith(
        "t.csv: the samples of the training, each in its part: training 38, validation 10, test 12\n"
    )
    write(
        table / "less.csv",
        ["kind", "height", "width"],
        [(k, h, w) for h, w, k in rows_of(table / "t.csv")[1:]],
    )
    done = cli("audit", "run", "--data", "less.csv", cwd=table)
    assert (done.returncode, "of its samples 1 gone (row 1)" in done.stderr) == (1, True)
    done = cli("audit", "run", "--data", "less.csv", "--known-only", "--format", "json", cwd=table)
    data = json.loads(done.stdout)["data"]
    assert (done.returncode, sum(data["parts"].values())) == (0, 59)
    assert data["notes"] == ["of the samples 1 gone (row 1); new and changed ones are left out"]
    for words, message in (
        (["run/model.keras", "--data", "t.csv"], "it is not a run folder"),
        (["run", "--known-only"], "`--known-only` is about data"),
        (["old", "--data", "t.csv"], "it has no data contract"),
    ):
        done = cli("audit", *words, cwd=table)
        assert (done.returncode, message in done.stderr) == (2, True)


def test_a_contract_that_is_not_whole_is_refused(cli: Cli, table: Path) -> None:
    shutil.copytree(table / "run", table / "half")
    (table / "half" / "data.json").unlink()
    write(table / "new.csv", ["height", "width"], [("0.5", "0.9")])
    for command in (["evaluate", "half"], ["predict", "half", "new.csv"]):
        done = cli(*command, cwd=table)
        assert done.returncode == 2
        assert "it is missing, and data.samples beside it belongs to it" in " ".join(done.stderr.split())


def test_the_contract_of_another_run_is_refused(cli: Cli, table: Path) -> None:
    """Of the same rows, drawn by another seed: its test part is in this run's training part."""
    shutil.copytree(table / "run", table / "mixed")
    statement = json.loads((table / "run" / "data.json").read_text())
    statement["drawn"]["seed"] += 1
    del statement["sha256"]
    (table / "mixed" / "data.json").write_text(json.dumps(sealed(statement)))
    done = cli("evaluate", "mixed", "--no-attack", cwd=table)
    assert done.returncode == 1
    assert "its `drawn` is not that of config.resolved.yaml beside it" in done.stderr


def test_a_prediction_holds_its_inputs_against_the_contract(cli: Cli, noise: Path, table: Path) -> None:
    done = cli("predict", "run", "images", "--pixel-scale", "255", cwd=noise)
    assert (done.returncode, "was trained on pixels in [0, 1]" in done.stderr) == (1, True)
    np.save(noise / "bytes.npy", np.full((1, 6, 6, 1), 255, np.uint8))
    done = cli("predict", "run", "bytes.npy", cwd=noise)
    assert done.returncode == 0
    assert "the inputs are between 255 and 255, and those of the training lie in [0, 1]" in done.stderr
    for run, key, value, message in (
        (
            noise,
            "images",
            {"resized": True, "channels": 1},
            "than in the training: resized no in place of yes",
        ),
        (
            table,
            "columns",
            [{"name": "width"}, {"name": "height"}],
            "trained with the columns width, height",
        ),
    ):
        shutil.copytree(run / "run", run / "other")
        contract = json.loads((run / "other" / "data.json").read_text())
        contract["inputs"][key] = value
        # As of another training, whose digest would be right.
        del contract["sha256"]
        (run / "other" / "data.json").write_text(json.dumps(contract))
        inputs = "images" if run is noise else "t.csv"
        done = cli("predict", "other", inputs, cwd=run)
        assert done.returncode == 1
        assert message in " ".join(done.stderr.split())
        assert cli("evaluate", "other", "--no-attack", cwd=run).returncode == 1


@pytest.mark.nightly
def test_without_the_users_key_the_parts_are_not_known(cli: Cli, table: Path) -> None:
    (table / "key").write_bytes(bytes(range(32)))
    key = {"LIPBUILD_DATA_KEY": str(table / "key")}
    assert cli("train", "c.yaml", "--run", "kept", "-q", cwd=table, **key).returncode == 0
    assert json.loads((table / "kept" / "data.json").read_text())["samples"]["key"] is None
    done = cli("evaluate", "kept", "--no-attack", cwd=table, **key)
    assert (done.returncode, "warning" in done.stderr) == (0, False)
    done = cli("evaluate", "kept", "--no-attack", cwd=table)
    assert done.returncode == 0
    assert "a key that `LIPBUILD_DATA_KEY` does not name" in done.stderr


def test_a_training_goes_on_with_the_samples_that_it_began_with(cli: Cli, table: Path) -> None:
    done = cli("train", "c.yaml", "--run", "on", "--set", "train.epochs=1", "-q", cwd=table)
    assert done.returncode == 0
    rows = rows_of(table / "t.csv")
    write(table / "more.csv", ["height", "width", "kind"], [("0.5", "0.75", "cat"), *reversed(rows)])
    more = ["--set", "train.epochs=2", "--set", f"data.source.csv.path={table / 'more.csv'}", "-q"]
    done = cli("train", "--resume", "on", *more, cwd=table)
    assert (done.returncode, "1 new (row 1)" in done.stderr) == (1, True)
    assert cli("train", "--resume", "on", "--known-only", *more, cwd=table).returncode == 0
    # As one that was never interrupted, whose rows stand in another order.
    metrics = [(table / run / "metrics.csv").read_text().splitlines() for run in ("run", "on")]
    losses = [
        [line.split(",")[: len(header.split(",")) // 2] for line in lines] for header, *lines in metrics
    ]
    assert [len(own) for own in losses] == [2, 2]
    done = cli("train", "c.yaml", "--known-only", cwd=table)
    assert (done.returncode, "a training that is resumed" in done.stderr) == (2, True)


@pytest.mark.nightly
def test_rows_that_stand_twice_are_trained_and_tested_in_one_part(cli: Cli, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [(str(a), str(b), "cat" if a > b else "ant") for a, b in rng.integers(0, 8, (80, 2))]
    write(tmp_path / "t.csv", ["a", "b", "kind"], rows)
    write(tmp_path / "test.csv", ["a", "b", "kind"], [*rows[:2], ("0.5", "0.25", "cat")])
    for name, more in (("drawn", ""), ("given", ", test: test.csv")):
        config = f"{LAYERS}data: {{source: {{csv: {{path: t.csv, target: kind{more}}}}}}}\n{TRAIN}"
        (tmp_path / f"{name}.yaml").write_text(config)
    said = cli("data", "drawn.yaml", cwd=tmp_path).stdout
    assert "again within the training part" in said
    assert "of the test part" not in said
    said = cli("data", "given.yaml", cwd=tmp_path).stdout
    assert "of the test part are in the training part" in said
    assert "; `train` leaves them out of that one" in said
    done = cli("train", "given.yaml", "--run", "run", "-q", cwd=tmp_path)
    left_out = sum(row in rows[:2] for row in rows)
    assert f"{left_out} samples are left out of the training" in done.stderr
    parts = json.loads((tmp_path / "run" / "data.json").read_text())["parts"]
    assert (parts["training"]["samples"], parts["test"]["samples"]) == (80 - left_out, 3)
    assert cli("evaluate", "run", "--no-attack", cwd=tmp_path).returncode == 0
