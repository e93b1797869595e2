"""Every recipe is checked as it is, and trained for a few steps in a narrow form on data of its shape."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.training.state_file import read_state
from tests.conftest import CONFIGS, ROOT, Cli
from tests.data.copies import COPIES

RECIPES = sorted((CONFIGS / "recipes").glob("*.yaml"))
NARROW = {"width": 16, "depth": 2, "dense_width": 32, "dense_depth": 2, "rank": 4}
FOLDERS = {"path": "train", "test": "test"}
NAMES = ["mnist_0_8_hkr", "mnist_trades", "fashion_mnist_hkr"]
NAMES += [f"{data}_lipnext" for data in ("digits", "mnist", "cifar10", "cifar100")]
NAMES += [f"{data}_{kind}" for data in ("cifar10", "cifar100") for kind in ("liresnet_emma", "bronet_la")]

each_recipe = pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
# Those with the layers of another recipe train at night.
each_trained = pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            marks=pytest.mark.nightly
            if re.search("100|tiny|mnist5k_1|mnist_trades|liresnet|(cifar10|digits)_lipnext", path.stem)
            else (),
        )
        for path in RECIPES
    ],
    ids=lambda path: path.stem,
)


def write_tiny_imagenet(folder: Path) -> None:
    for part, images in (("train", 3), ("test", 1)):
        for number in range(4):
            place = folder / part / f"n0{number}" / "images"
            place.mkdir(parents=True)
            for image in range(images):
                pixels = np.random.default_rng(10 * number + image).integers(0, 256, (64, 64, 3))
                keras.utils.save_img(place / f"{image}.JPEG", pixels, scale=False)


def test_the_data_sets_and_the_losses_have_their_recipes() -> None:
    digits = {f"mnist5k_{radius}" for radius in ("0_3", "1_0", "1_58")}
    assert {path.stem for path in RECIPES} == {*NAMES, "tiny_imagenet_bronet_la", *digits}
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    for path in RECIPES:
        assert page.count(f"(../configs/recipes/{path.name})") == 1


def test_the_commands_of_the_page_check_recipes(cli: Cli) -> None:
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ lipbuild (.*)$", page, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = cli(*shlex.split(command), cwd=ROOT)
        assert done.returncode == 0, done.stdout
        assert ": ok, " in done.stdout


@each_recipe
def test_a_recipe_names_the_figure_and_the_paper_that_it_aims_at(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    assert re.search(r"Aims at .*\d\d\.\d %", comment)
    assert re.search(r"arXiv:\d{4}\.\d{5}", comment)


@each_recipe
def test_a_recipe_checks_without_a_remark(path: Path) -> None:
    checked = lipbuild.check(path)
    assert checked.ok
    assert [found for found in checked.diagnostics if found.rule != "missing-files"] == []
    assert checked.graph is not None
    assert checked.graph.lipschitz == 1.0


@pytest.mark.parametrize(
    ("recipe", "millions"),
    [
        ("cifar10_liresnet_emma", 82.9),
        ("cifar10_bronet_la", 68.8),
        ("tiny_imagenet_bronet_la", 75.6),
    ],
)
def test_a_recipe_has_about_the_parameters_of_the_network_that_was_published(
    recipe: str, millions: float
) -> None:
    checked = lipbuild.check(CONFIGS / "recipes" / f"{recipe}.yaml")
    assert checked.graph is not None
    assert checked.graph.parameters == pytest.approx(1e6 * millions, rel=0.05)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config")
@each_trained
def test_a_recipe_trains_on_data_of_its_shape(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ["train.epochs=1", "train.batch_size=8", "data.validation=0.25"]
    if path.stem == "fashion_mnist_hkr":
        settings += [f"variables.{key}=8" for key in ("first", "second", "third", "dense")]
    elif re.search("^(variables|extends)", path.read_text(encoding="utf-8"), re.MULTILINE):
        settings += [f"variables.{key}={value}" for key, value in NARROW.items()]
    if path.stem.startswith("tiny_imagenet"):
        write_tiny_imagenet(tmp_path)
        settings += [f"data.source.image_folder.{key}={tmp_path / part}" for key, part in FOLDERS.items()]
        settings += ["variables.classes=4"]
    elif path.stem.startswith("mnist5k"):
        rng = np.random.default_rng(0)
        np.savez(tmp_path / "fold.npz", x=rng.random((40, 28, 28, 1)), y=np.arange(40) % 10)
        settings += [f"data.source.npz.path={tmp_path / 'fold.npz'}"]
    else:
        (tmp_path / "datasets").mkdir()
        for name, (write, _) in COPIES.items():
            if path.stem.startswith(f"{name}_"):
                write(tmp_path / "datasets")
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    # Of two steps the compilation takes nearly all the time; others train compiled.
    tf.config.run_functions_eagerly(path.stem not in NAMES[-2:])
    try:
        run = lipbuild.train(lipbuild.check(path, settings), tmp_path / "runs", quiet=True)
    finally:
        tf.config.run_functions_eagerly(False)
    assert np.isfinite(run.history[0]["loss"])
    if "EMMA" in path.read_text(encoding="utf-8"):
        # What the loss learns with the weights: target_radius, temperature, lip_const, log_scale, and more.
        assert read_state(run.folder.state).arrays["loss"][3] != 0.0
    assert lipbuild.evaluate(run.folder.path, attack=False, plots=False).proved <= 1.0
