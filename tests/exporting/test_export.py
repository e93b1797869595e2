"""Exports, and the gate that each must pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.cli.evaluation_table import evaluation_table
from lipbuild.data.load import load_raw
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.exporting.served import Served
from lipbuild.training.train import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A network with every kind of layer that the plain form has to translate."""
    folder = tmp_path_factory.mktemp("all")
    (folder / "all.yaml").write_text(
        """
name: everything
model:
  lipschitz: 3.0
  input: [8, 8, 1]
  layers:
    - SpectralConv2D: {filters: 8, kernel_size: [3, 2], strides: [1, 2], activation: relu}
    - ScaledAveragePooling2D: {pool_size: 2, k_coef_lip: 0.9}
    - Parallel:
        branches:
          - [{SpectralConv2D: {filters: 6, kernel_size: 3, use_bias: false}}, GroupSort2, GlobalMaxPooling2D]
          - [{SpectralConv2D: {filters: 6, kernel_size: 2, padding: same}}, ScaledGlobalAveragePooling2D]
        merge: Average
    - Reshape: {target_shape: [-1, 1, 6]}
    - MaxPooling2D: {pool_size: 1}
    - Activation: {activation: softsign}
    - ReLU: {negative_slope: 0.5}
    - Flatten
    - Residual: {alpha: 0.3, layers: [{SpectralDense: {units: 6}}, {GroupSort2: {k_coef_lip: 0.5}}]}
    - SpectralDense: {units: 10}
data: {source: digits}
train: {loss: {MulticlassHKR: {alpha: 5}}, epochs: 1}
"""
    )
    return lipbuild.train(folder / "all.yaml", folder, quiet=True)


def inputs(run: Run) -> np.ndarray:
    config = lipbuild.load(run.folder.resolved).config
    assert config is not None
    assert config.data is not None
    return load_raw(config.data, Path()).features[:100]


@pytest.mark.nightly
def test_an_exported_keras_file_needs_no_lipbuild_and_predicts_the_same(run: Run, tmp_path: Path) -> None:
    [exported] = lipbuild.export(run.folder.path, ["keras"], tmp_path / "plain.keras")
    assert exported.path == tmp_path / "plain.keras"
    x = inputs(run)
    np.save(tmp_path / "x.npy", x)
    program = """
import sys, numpy as np, keras
model = keras.saving.load_model("plain.keras", safe_mode=True)
np.save("y.npy", model.predict(np.load("x.npy"), verbose=0))
assert not [name for name in sys.modules if name.startswith("lipbuild")]
assert model.predict(np.load("x.npy")[:3], verbose=0).shape == (3, 10)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    difference = np.abs(np.load(tmp_path / "y.npy") - run.model.predict(x, verbose=0)).max()
    assert difference <= 1e-5


@pytest.mark.nightly
def test_an_exported_saved_model_runs_in_tensorflow_alone(run: Run, tmp_path: Path) -> None:
    [exported] = lipbuild.export(run.folder.path, ["saved_model"], tmp_path / "served")
    x = inputs(run)
    np.save(tmp_path / "x.npy", x)
    program = """
import sys, numpy as np, tensorflow as tf
model = tf.saved_model.load("served")
np.save("y.npy", model.serve(tf.constant(np.load("x.npy"))).numpy())
signature = model.signatures["serving_default"]
assert not [name for name in sys.modules if name.startswith("lipbuild")]
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert np.abs(np.load(tmp_path / "y.npy") - run.model.predict(x, verbose=0)).max() <= 1e-5
    assert exported.difference <= 1e-5


def test_several_formats_go_into_one_folder_under_the_models_name(run: Run, tmp_path: Path) -> None:
    paths = [e.path for e in lipbuild.export(run.folder.path, ["keras", "saved_model"], tmp_path / "out")]
    assert paths == [tmp_path / "out" / "everything.keras", tmp_path / "out" / "everything_saved_model"]
    assert all(path.exists() for path in paths)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "everything.keras",
        "everything.keras.gate.json",
        "everything_saved_model",
        "everything_saved_model.gate.json",
        "model_card.md",
    ]


def test_what_is_there_is_not_replaced_unless_asked(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "plain.keras"
    target.write_text("mine")
    with pytest.raises(UnusableError, match="exists already"):
        lipbuild.export(run.folder.path, ["keras"], target)
    assert target.read_text() == "mine"
    lipbuild.export(run.folder.path, ["keras"], target, overwrite=True)
    assert keras.saving.load_model(target, compile=False).name == "everything"


def test_a_file_with_another_ending_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match=r"ends in `\.keras`"):
        lipbuild.export(run.folder.path, ["keras"], tmp_path / "plain.h5")


def tampered(run: Run, tmp_path: Path, factor: float) -> Path:
    """A copy of the run in which one kernel was multiplied after the training."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(run.folder.path, copy)
    model = keras.saving.load_model(copy / "model.keras", compile=False)
    layer = next(layer for layer in model.layers if getattr(layer, "kernel", None) is not None)
    layer.kernel.assign(layer.kernel * factor)
    model.save(copy / "model.keras")
    # As in a run of before there was such a file.
    (copy / "plain.keras").unlink()
    return copy


@pytest.mark.parametrize("factor", [1.00001, 50.0, float("nan")])
def test_a_kernel_above_its_constant_is_not_exported_and_not_evaluated(
    factor: float, run: Run, tmp_path: Path
) -> None:
    copy = tampered(run, tmp_path, factor)
    with pytest.raises(RefusedError, match="spectral norm"):
        lipbuild.export(copy, ["keras"], tmp_path / "plain.keras")
    assert not (tmp_path / "plain.keras").exists()
    with pytest.raises(RefusedError, match=r"its layer promises|not finite"):
        lipbuild.evaluate(copy, attack=False, plots=False)
    assert not (copy / "evaluation.json").exists()


def test_an_export_that_differs_is_not_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lipbuild.exporting.keras_format import KerasFormat

    def wrong(_: KerasFormat, served: Served, path: Path) -> None:
        bias = served.model.layers[-1].bias
        bias.assign(bias + 2e-5)
        served.model.save(path)
        bias.assign(bias - 2e-5)

    monkeypatch.setattr(KerasFormat, "write", wrong)
    with pytest.raises(RefusedError, match="differs from the plain network by 2"):
        lipbuild.export(run.folder.path, ["keras", "saved_model"], tmp_path / "out")
    assert not list(tmp_path.rglob("*.keras"))
    assert not list(tmp_path.rglob("*partial*"))


def test_the_proved_constant_is_within_what_was_promised_and_not_loose(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert 0 < evaluation.proved <= evaluation.promised == 3.0


def test_of_a_network_that_takes_any_size_nothing_is_certified(tmp_path: Path) -> None:
    (tmp_path / "free.yaml").write_text(
        """
name: free
model:
  input: [null, null, 1]
  layers:
    - SpectralConv2D: {filters: 4, kernel_size: 3}
    - GroupSort2
    - GlobalMaxPooling2D
    - SpectralDense: {units: 10}
data: {source: digits}
train: {loss: {MulticlassHKR: {alpha: 5}}, epochs: 1}
"""
    )
    run = lipbuild.train(tmp_path / "free.yaml", tmp_path, quiet=True)
    reason = "the input `input` has the shape (None, None, 1), which is not fully known"
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert evaluation.uncertified == reason
    assert evaluation.certified == ()
    assert json.loads(run.folder.evaluation.read_text())["lipschitz"]["proved"] is None
    assert "not proved" in evaluation_table(evaluation)
    [exported] = lipbuild.export(run.folder.path, ["keras"], tmp_path / "free.keras")
    assert exported.status == "void"
    report = json.loads(exported.report.read_text())
    assert report["certificate"]["reason"] == reason
    assert report["lipschitz"] == {"norm": "L2", "promised": 1.0, "proved": None, "at_most": None}
    with pytest.raises(RefusedError, match="not fully known"):
        lipbuild.predict(run.folder.path, inputs(run)[:2])
