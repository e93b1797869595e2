"""What a preprocessing takes from the training part, and the run that it is in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.config.preprocessing import PREPROCESSING
from lipbuild.config.preprocessing.centering import Centering
from lipbuild.config.preprocessing.normalization import Normalization
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.fit import fit, moments_of, standard_scale
from lipbuild.data.prepare import prepare
from lipbuild.errors import RefusedError
from lipbuild.training.train import Run

CONFIG = """
name: scaled
seed: 0
model: {layers: [SpectralDense: {units: 16}, GroupSort2, SpectralDense: {units: 2}]}
data:
  source: {npz: {path: d.npz}}
  validation: 0.1
  preprocess: [STEPS]
train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, epochs: 3, batch_size: 32}
certify: {radii: [2.0]}
"""


def write(folder: Path, steps: str, scale: float = 1.0) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)) * [1.0, 5.0, 0.1] + [0.0, 20.0, 3.0]
    np.savez(folder / "d.npz", x=(x * scale).astype(np.float32), y=(x[:, 0] + x[:, 1] / 5 > 4).astype(int))
    path = folder / "scaled.yaml"
    path.write_text(CONFIG.replace("STEPS", steps))
    return path


def test_moments_of_chunks_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipbuild.data.fit._VALUES", 700)
    x = (np.random.default_rng(0).normal(size=(100, 4, 5, 3)) * [1, 50, 0] + 1e4).astype(np.float32)
    indices = np.arange(20, 90)
    for axis, along in ((-1, (0, 1, 2)), (None, None)):
        moments = moments_of(ArrayFeatures(x), indices, [], axis)  # type: ignore[arg-type]
        chosen = x[indices].astype(np.float64)
        assert np.allclose(moments.mean, chosen.mean(axis=along), rtol=1e-12)
        assert np.allclose(moments.variance, chosen.var(axis=along), rtol=1e-9, atol=1e-12)


def test_each_step_is_fitted_to_what_those_before_it_make() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    steps = [
        PREPROCESSING["Rescaling"](scale=10.0),
        Centering(),
        Normalization(least_std=1.0),
    ]
    _, centering, normalization = fit(steps, ArrayFeatures(x), np.arange(50))
    assert isinstance(centering, Centering)
    assert isinstance(normalization, Normalization)
    assert np.allclose(centering.mean, 10 * x.mean(axis=0), atol=1e-5)
    assert np.allclose(normalization.mean, 0.0, atol=1e-5)
    assert np.allclose(normalization.variance, 100 * x.var(axis=0), rtol=1e-5)


def test_only_the_training_part_is_fitted_to_and_the_floor_holds(tmp_path: Path) -> None:
    checked = lipbuild.load(write(tmp_path, "Normalization: {least_std: 0.5}"))
    assert checked.config is not None
    assert checked.graph is not None
    assert checked.graph.preprocessing_bound == 2.0
    prepared = prepare(checked.config, checked.graph)
    assert prepared.config.data is not None
    [step] = prepared.config.data.preprocess
    assert isinstance(step, Normalization)
    assert np.allclose(step.mean, prepared.dataset.train.x.mean(axis=0), rtol=1e-5)
    # The third feature varies by .1 and is divided by the floor.
    assert prepared.graph.preprocessing_bound == 2.0
    assert prepared.graph.lipschitz == checked.graph.lipschitz
    low = lipbuild.load(write(tmp_path, "Normalization: {least_std: 0.01}"))
    assert low.config is not None
    assert low.graph is not None
    fitted = prepare(low.config, low.graph)
    assert fitted.graph.preprocessing_bound == pytest.approx(
        1 / fitted.dataset.train.x.std(axis=0).min(), rel=1e-5
    )
    assert fitted.graph.lipschitz < low.graph.lipschitz == pytest.approx(100.0)


def test_a_model_is_built_with_what_was_fitted_and_not_without(tmp_path: Path) -> None:
    from lipbuild.building.model import build_model

    checked = lipbuild.load(write(tmp_path, "Normalization: {least_std: 0.5}"))
    assert checked.graph is not None
    with pytest.raises(RefusedError, match="taken from its training data, which has not been read"):
        build_model(checked.graph)
    model = lipbuild.build(checked)
    assert model.get_layer("normalization_1").get_config()["scale"][2] == 2.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("fitted")
    return lipbuild.train(
        write(folder, "{Normalization: {axis: null, least_std: 0.5}}, {Clip: {min: -3}}"),
        folder / "runs",
        quiet=True,
    )


def test_a_run_states_what_was_fitted_and_is_evaluated_exported_and_certified_by_it(run: Run) -> None:
    resolved = lipbuild.load(run.folder.resolved)
    assert resolved.config is not None
    assert resolved.graph is not None
    assert resolved.graph.is_fitted
    assert resolved.config.data is not None
    step = resolved.config.data.preprocess[0]
    assert isinstance(step, Normalization)
    assert step.axis is None
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert evaluation.proved <= evaluation.promised == resolved.graph.lipschitz < 2.0
    [exported] = lipbuild.export(run.folder.path, ["keras"])
    assert exported.difference <= 1e-5
    certified = lipbuild.certify(run.folder.path)
    assert float.fromhex(certified.statement["predicate"]["lipschitz"]) <= resolved.graph.lipschitz


def test_radii_are_in_the_units_of_the_data(tmp_path: Path) -> None:
    """The same data a hundred times as great, rescaled: the same network, and radii a hundred times as great."""
    results = []
    for name, scale, step in (
        ("small", 1.0, "Rescaling: {scale: 1.0}"),
        ("great", 128.0, "Rescaling: {scale: 0.0078125}"),
    ):
        (tmp_path / name).mkdir()
        path = write(tmp_path / name, step, scale)
        checked = lipbuild.load(path, [f"certify.radii=[{0.5 * scale}, {2.0 * scale}]", "train.epochs=1"])
        result = lipbuild.evaluate(
            lipbuild.train(checked, tmp_path / name, quiet=True).folder.path, attack=False, plots=False
        )
        results.append(result)
    small, great = results
    assert small.average_radius is not None
    assert great.average_radius == pytest.approx(128.0 * small.average_radius, rel=1e-6)
    assert [a for _, a in great.certified] == [a for _, a in small.certified]
    assert great.proved == pytest.approx(small.proved / 128.0)


def test_a_target_without_deviation_is_named() -> None:
    with pytest.raises(RefusedError, match="that of target 2 is 0 in the training part") as refused:
        standard_scale(np.array([[1, 5], [2, 5]], np.float32))
    assert "predict another target" in refused.value.help
