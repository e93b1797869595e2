"""Weights carried over: on their constraint, and the same predictions wherever that can be."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.datasets import load_digits

import lipbuild
from lipbuild.importing.imported import Imported
from lipbuild.layers.kernels.constrained_kernel import ConstrainedKernel
from tests.importing import deel_lip

DIGITS = load_digits()
X = (DIGITS.images / 16.0).astype(np.float32)[..., np.newaxis]


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    """Convolution, batch normalisation, pooling, dense layers, trained for a moment."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.1),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    model.fit(X, DIGITS.target, epochs=6, batch_size=64, verbose=0)
    return model


def kept(
    model: keras.Model, folder: Path, suffix: str = ".keras", **options: bool
) -> tuple[Imported, keras.Model]:
    path = folder / f"model{suffix}"
    model.save(path)
    result = lipbuild.import_model(path, folder / "imported", keep_weights=True, **options)
    assert result.checked.ok, [d.message for d in result.checked.diagnostics]
    assert result.weights is not None
    return result, keras.saving.load_model(result.weights, compile=False)


def singular_values(model: keras.Model) -> list[np.ndarray]:
    """Those of each kernel, or of the operator of a convolution whose norm is that."""
    found = []
    for layer in model.layers:
        if not isinstance(layer, ConstrainedKernel):
            continue
        kernel = np.asarray(layer.kernel, np.float64)
        if getattr(layer, "norm", "") == "operator":
            matrices = np.fft.fft2(kernel, (16, 16), (0, 1))
        else:
            matrices = kernel.reshape(-1, kernel.shape[-1])
        found.append(np.linalg.svd(matrices, compute_uv=False))
    return found


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_divided_by_its_norms_a_relu_network_predicts_the_same_classes(
    suffix: str, trained: keras.Model, tmp_path: Path
) -> None:
    _, model = kept(trained, tmp_path, suffix, normalize=True)
    assert all(values.max() <= 1.0 for values in singular_values(model))
    expected = trained.predict(X, verbose=0)
    found = model.predict(X, verbose=0)
    sure = np.sort(expected, axis=1)[:, -1] - np.sort(expected, axis=1)[:, -2] > 1e-3
    assert (found.argmax(axis=1) == expected.argmax(axis=1))[sure].all()
    # Times one number, what comes before the softmax is the same.
    logits = np.log(expected) - np.log(expected).mean(axis=1, keepdims=True)
    centred = found - found.mean(axis=1, keepdims=True)
    ratio = (logits * centred).sum() / (centred * centred).sum()
    assert np.abs(logits - ratio * centred)[expected.min(axis=1) > 1e-6].max() < 1e-2


def test_orthogonal_kernels_are_on_their_constraint_and_still_know_something(
    trained: keras.Model, tmp_path: Path
) -> None:
    result, model = kept(trained, tmp_path)
    for values in singular_values(model):
        assert values.max() <= 1.0
        assert values.min() >= (0.95 if values.ndim > 2 else 1.0 - 1e-3)
    accuracy = (model.predict(X, verbose=0).argmax(axis=1) == DIGITS.target).mean()
    fresh = lipbuild.build(result.checked)
    chance = (fresh.predict(X, verbose=0).argmax(axis=1) == DIGITS.target).mean()
    assert accuracy > chance + 0.15
    folder = tmp_path / "imported"
    assert {p.name for p in folder.iterdir()} == {
        *(
            "config.yaml",
            "config.resolved.yaml",
            "environment.json",
            "import.json",
            "model.keras",
            "plain.keras",
        )
    }
    changes = json.loads((folder / "import.json").read_text())["changes"]
    assert {"layer", "kind", "option", "what", "why", "rule", "dropped"} == set(changes[0])
    # The config of an import has no data, and none is asked for.
    certified = lipbuild.certify(folder)
    assert lipbuild.verify(folder, certified.path).status == 0
    bound = float.fromhex(certified.statement["predicate"]["lipschitz"])
    assert 0 < bound <= 1.0


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_models_of_deel_lip_predict_the_same_and_state_what_they_really_have(
    suffix: str, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            deel_lip.SpectralConv2D(8, 3, name="conv"),
            deel_lip.GroupSort2(name="sort"),
            layers.Flatten(),
            deel_lip.SpectralDense(
                16, k_coef_lip=0.5, activation=deel_lip.GroupSort2(name="inner"), name="a"
            ),
            deel_lip.Householder(name="reflect"),
            deel_lip.SpectralDense(10, name="b"),
        ]
    )
    for layer in model.layers:
        if getattr(layer, "bias", None) is not None:
            layer.bias.assign(np.random.default_rng(0).normal(size=layer.bias.shape))
    result, carried = kept(model, tmp_path, suffix)
    assert np.abs(carried.predict(X, verbose=0) - model.predict(X, verbose=0)).max() <= 2e-6
    assert all(values.max() <= 1.0 for values in singular_values(carried))
    coefficients = {c.layer: c.what for c in result.changes}
    # 1.1 times what a convolution of lipbuild has, and kernels that an iteration left above 1.
    assert coefficients["conv"].startswith("its coefficient is 1.1000")
    assert coefficients["a"].startswith("its coefficient is 0.5001")
    assert coefficients["b"].startswith("its coefficient is 1.0003")
    assert coefficients["reflect"] == "its coefficient is 1"
    assert result.checked.graph is not None
    assert result.checked.graph.bound == result.checked.graph.lipschitz
    assert 0.5503 < result.checked.graph.bound < 0.5504
    assert "pairing: neighbours" in result.text


def test_a_model_of_lipbuild_keeps_every_weight(tmp_path: Path) -> None:
    from lipbuild.layers import GroupSort2, OrthoDense, SLLDense, SpectralDense

    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [keras.Input((6,)), SpectralDense(8), GroupSort2(), OrthoDense(8), SLLDense(), SpectralDense(3)]
    )
    _, carried = kept(model, tmp_path)
    x = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    assert np.abs(carried.predict(x, verbose=0) - model.predict(x, verbose=0)).max() <= 1e-6
