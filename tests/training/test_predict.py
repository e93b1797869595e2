"""Predictions behind the guard, from every kind of file."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lipbuild
from lipbuild.cli.prediction_table import prediction_table
from lipbuild.data.config_data import load_dataset
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.training.train import Run
from tests.conftest import CONFIGS, Cli


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    checked = lipbuild.load(CONFIGS / "digits_mlp.yaml", ["train.epochs=2"])
    return lipbuild.train(checked, tmp_path_factory.mktemp("runs"), quiet=True)


@pytest.fixture(scope="module")
def x(digits: Run) -> np.ndarray:
    checked = lipbuild.load(digits.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    return load_dataset(checked.config, checked.graph).test.x[:6]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(0)
    lines = ["width,colour,height,kind"]
    for _ in range(60):
        kind = rng.integers(2)
        lines.append(f"{rng.random() + 2 * kind:.6f},red,{rng.random():.6f},{'cat' if kind else 'ant'}")
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    (folder / "c.yaml").write_text(
        "model: {layers: [SpectralDense: {units: 8}, GroupSort2, SpectralDense: {units: 2}]}\n"
        "data: {source: {csv: {path: t.csv, target: kind, features: [height, width]}}}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, optimizer: {Adam: {learning_rate: 0.1}}, epochs: 10}\n"
    )
    return lipbuild.train(lipbuild.load(folder / "c.yaml"), folder / "runs", quiet=True)


def test_labels_and_radii_are_those_of_the_evaluation(digits: Run) -> None:
    lipbuild.evaluate(digits.folder.path, attack=False, plots=False)
    with digits.folder.samples.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    checked = lipbuild.load(digits.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test.x
    rows = lipbuild.predict(digits.folder.path, test).rows
    assert [row["number"] for row in rows] == [int(line["predicted"]) for line in lines]
    radii = np.array([float(line["radius"]) for line in lines])
    np.testing.assert_allclose([row["radius"] for row in rows], radii, rtol=1e-9)
    assert not any(row["abstained"] for row in rows)


def test_arrays_images_and_folders_give_the_same_predictions(
    digits: Run, x: np.ndarray, tmp_path: Path
) -> None:
    pixels = np.rint(x[..., 0] * 255).astype(np.uint8)
    given = pixels.astype(np.float32) / np.float32(255.0)
    wanted = lipbuild.predict(digits.folder.path, given).rows
    np.save(tmp_path / "a.npy", given)
    np.savez(tmp_path / "a.npz", other=np.zeros(3), x=given)
    np.savez(tmp_path / "b.npz", only=given.reshape(len(given), -1))
    folder = tmp_path / "images"
    folder.mkdir()
    for i, image in enumerate(pixels):
        Image.fromarray(image).convert("RGB").save(folder / f"{i}.png")
    for path in (tmp_path / "a.npy", tmp_path / "a.npz", tmp_path / "b.npz", folder):
        rows = lipbuild.predict(digits.folder.path, path).rows
        assert [{**row, "input": ""} for row in rows] == [{**row, "input": ""} for row in wanted], path
    several = lipbuild.predict(digits.folder.path, sorted(folder.iterdir())).rows
    assert [Path(row["input"]).name for row in several] == [f"{i}.png" for i in range(6)]
    # One input by itself, and pixels in other units.
    assert lipbuild.predict(digits.folder.path, given[0]).rows[0]["number"] == wanted[0]["number"]
    scaled = lipbuild.predict(digits.folder.path, folder / "0.png", pixel_scale=255.0).rows[0]
    assert scaled["margin"] > 10 * wanted[0]["margin"]


def test_a_table_has_the_columns_of_the_config_in_any_order(table: Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("colour,width,height\nred,2.5,0.5\n,0.2,0.5\n")
    rows = lipbuild.predict(table.folder.path, tmp_path / "new.csv").rows
    assert [row["class"] for row in rows] == ["cat", "ant"]
    same = lipbuild.predict(table.folder.path, np.array([[0.5, 2.5], [0.5, 0.2]])).rows
    assert list(rows) == list(same)
    assert all(row["radius"] > 0.0 for row in rows)


def test_classes_have_names_without_the_training_data(table: Run, tmp_path: Path) -> None:
    gone = ["data.source.csv.path=/nowhere.csv"]
    rows = lipbuild.predict(table.folder.path, np.array([[0.5, 2.5]]), gone).rows
    assert rows[0]["class"] == "cat"
    # A run of before there was a contract has none of its files.
    old = shutil.copytree(table.folder.path, tmp_path / "old")
    for name in ("data.json", "data.samples"):
        (old / name).unlink()
    assert lipbuild.predict(old, np.array([[0.5, 2.5]]), gone).rows[0]["class"] == "1"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "width\n1\n", "there is no column `height`"),
        ("a.csv", "width,height\n1,big\n", "a.csv:2:3: the feature `height` is `big`, which is text"),
        ("a.csv", "1.5,2\n1,2\n", "a.csv:1: the first row holds numbers"),
        ("a.csv", "1,1\n1,2\n", "a.csv:1: the first row holds numbers"),
        ("a.csv", "0,1\n1,2\n", "there is no column `height`"),
        ("a.csv", "width,height\n1\n", "a.csv:2: this row has 1 value,"),
        ("a.csv", "width,height\n", "at least one row"),
        (
            "a.csv",
            "width,height\n1,nan\n",
            "a.csv:2:3: the feature `height` is `nan`, which is not a finite number",
        ),
        ("a.csv", "width,height,hieght\n1,2,3\n", "a.csv:1: the network takes no column `hieght`"),
        ("a.csv", "width,width,height\n1,2,3\n", "a.csv:1: the columns 1 and 2 are called `width`"),
        ("a.parquet", "no table", "cannot be read as a Parquet table"),
        ("a.txt", "1 2", "no image"),
        ("a.npy", "no array", "cannot be read as a NumPy file"),
        ("a.png", "no image", "takes 2, which is not an image"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(
    name: str, content: str, message: str, table: Run, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises((RefusedError, UnusableError)) as caught:
        lipbuild.predict(table.folder.path, tmp_path / name)
    assert message in caught.value.message


def test_wrong_images_and_arrays_are_named_with_their_faults(digits: Run, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((9, 8), np.uint8)).save(tmp_path / "large.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    np.savez(tmp_path / "a.npz", a=np.zeros((1, 64)), b=np.zeros(2))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "none.npy", np.zeros((0, 8, 8, 1)))
    (tmp_path / "short.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:200])
    (tmp_path / "empty").mkdir()
    for name, message in {
        "large.png": "the image is 9×8×1",
        "broken.png": "cannot be read as an image",
        "a.npz": "no array `x` or `x_test`",
        "objects.npy": "it holds Python objects",
        "none.npy": "there is no input",
        "short.npz": "cannot be read as a NumPy archive",
        "empty": "no image in this folder",
        "nowhere.npy": "there is no such file",
    }.items():
        with pytest.raises((RefusedError, UnusableError)) as caught:
            lipbuild.predict(digits.folder.path, tmp_path / name)
        assert message in caught.value.message
    assert lipbuild.predict(digits.folder.path, tmp_path / "a.npz", array="a").rows[0]["number"] is not None
    for given, message in ((np.full((1, 64), "1"), "inputs of type str32"), (1.0, "an input is ")):
        with pytest.raises(RefusedError, match=message):
            lipbuild.predict(digits.folder.path, given)


def test_a_regression_gives_the_interval_of_its_output(tmp_path: Path) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "regression.yaml", ["train.epochs=1"]), tmp_path, quiet=True)
    inputs = np.random.default_rng(0).random((4, 10)).astype(np.float32)
    predictions = lipbuild.predict(run.folder.path, inputs, radius=0.2)
    outputs = run.model.predict(inputs, verbose=0)[:, 0]
    for row, output in zip(predictions.rows, outputs, strict=True):
        assert row["value"] == pytest.approx(float(output), abs=1e-5)
        assert row["high"] - row["value"] == pytest.approx(0.2 * predictions.lipschitz, rel=1e-6)
        assert row["value"] - row["low"] == pytest.approx(0.2 * predictions.lipschitz, rel=1e-6)
    assert predictions.radius == 0.2


def test_every_format_says_the_same(table: Run, cli: Cli, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[0.5, 2.5], [0.5, 0.2]]))
    rows = lipbuild.predict(table.folder.path, tmp_path / "a.npy")
    done = cli(
        *("predict", table.folder.path, tmp_path / "a.npy", "--format", "json", "-o", tmp_path / "out.json")
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"written to {tmp_path / 'out.json'}\n"
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (written["format"], written["version"]) == ("lipbuild.predictions", 1)
    assert written["predictions"] == list(rows.rows)
    assert [json.loads(line) for line in rows.as_json_lines().splitlines()] == list(rows.rows)
    lines = list(csv.DictReader(io.StringIO(rows.as_csv())))
    assert [float(line["radius"]) for line in lines] == [row["radius"] for row in rows.rows]
    shown = prediction_table(rows).splitlines()
    assert shown[0].split() == ["input", "class", "decided", "in", "margin", "radius"]
    assert shown[2].split()[:3] == ["0", "cat", "float32"]
    # A radius is never shown larger than it is.
    assert float(shown[2].split()[-1]) <= rows.rows[0]["radius"]
    assert "2 inputs, 0 abstained" in shown[-1]
