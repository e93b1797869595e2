"""Every config that is shipped is checked, built and trained a few steps."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from tests.conftest import CONFIGS, Cli

SHIPPED = sorted(path for path in CONFIGS.glob("*.yaml"))


def overrides(path: Path, folder: Path) -> list[str]:
    """The data that a config asks for and that is not shipped, made; and one epoch."""
    chosen = ["train.epochs=1"]
    if path.stem == "mnist_mlp":
        rng = np.random.default_rng(0)
        np.savez(
            folder / "mnist.npz",
            x_train=rng.integers(0, 256, (200, 28, 28), dtype=np.uint8),
            y_train=np.arange(200) % 10,
            x_test=rng.integers(0, 256, (50, 28, 28), dtype=np.uint8),
            y_test=np.arange(50) % 10,
        )
        chosen.append(f"data.source.npz.path={folder / 'mnist.npz'}")
    return chosen


def test_the_configs_of_the_readme_are_there() -> None:
    wanted = {"digits_mlp", "digits_cnn", "digits_residual", "moons_hkr", "regression", "mnist_mlp"}
    assert wanted <= {path.stem for path in SHIPPED}


# Residual blocks are trained by tests of their own.
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.nightly if path.stem == "digits_residual" else ())
        for path in SHIPPED
    ],
    ids=lambda path: path.stem,
)
def test_a_shipped_config_is_checked_built_and_trained(path: Path, tmp_path: Path) -> None:
    checked = lipbuild.check(path, overrides(path, tmp_path))
    assert checked.ok, checked.diagnostics
    assert checked.graph is not None
    model = lipbuild.build(checked)
    assert model.count_params() == checked.graph.parameters
    for node in checked.graph.nodes:
        assert tuple(model.get_layer(node.name).output.shape[1:]) == node.shape
    run = lipbuild.train(checked, tmp_path / "runs", quiet=True)
    assert np.isfinite(run.history[0]["loss"])
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert evaluation.proved <= checked.graph.lipschitz
    [exported] = lipbuild.export(run.folder.path, ["keras"])
    assert exported.difference <= 1e-5
    plain = keras.saving.load_model(exported.path, compile=False)
    # An orthogonal convolution has fewer parameters than the kernel that it applies.
    composed = any(node.kind.startswith("OrthoConv") for node in checked.graph.nodes)
    assert (
        plain.count_params() > model.count_params()
        if composed
        else plain.count_params() == model.count_params()
    )


@pytest.mark.parametrize("template", ["mlp", "cnn", "binary", "regression"])
def test_a_config_from_init_passes_check_and_trains(template: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / f"my {template}.yaml"
    assert cli("init", "--template", template, path).returncode == 0
    text = path.read_text()
    assert text.count("#") > 8
    done = cli("check", path)
    assert done.returncode == 0, done.stdout
    assert "remark" not in done.stdout
    run = lipbuild.train(lipbuild.load(path, ["train.epochs=1"]), tmp_path / "runs", quiet=True)
    assert run.folder.path.name.startswith(f"my_{template}-")
