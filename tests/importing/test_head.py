"""What a saved model does to its input first: preprocessing and augmentation in the config, each change listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import lipbuild
from lipbuild.cli.run import run
from lipbuild.errors import RefusedError
from lipbuild.importing.imported import Imported

RANDOM = np.random.default_rng(0)
TABLE = RANDOM.normal([2.0, -1.0, 30.0], [1.0, 0.25, 4.0], (50, 3)).astype(np.float32)


def adapted(data: Any = TABLE, **arguments: Any) -> layers.Normalization:
    layer = layers.Normalization(name="norm", **arguments)
    layer.adapt(data)
    return layer


def imported(path: Path, *stack: Any, shape: tuple[int, ...] = (3,), suffix: str = ".keras") -> Imported:
    end = [layers.Flatten(name="flat"), layers.Dense(2, name="out")]
    model = keras.Sequential([keras.Input(shape), *stack, *end])
    model.save(path / f"model{suffix}")
    return lipbuild.import_model(path / f"model{suffix}", path / "config.yaml", overwrite=True)


def section(result: Imported) -> dict[str, Any]:
    assert result.checked.ok, result.checked.diagnostics
    assert result.checked.config is not None
    data = result.checked.config.tree.get("data", {})
    assert isinstance(data, dict)
    return data


def whats(result: Imported, layer: str) -> list[str]:
    return [change.what for change in result.changes if change.layer == layer]


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("nested", [False, True])
def test_adapted_statistics_become_preprocessing_and_answers_stay(
    suffix: str, nested: bool, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(0)
    norm: Any = adapted()
    if nested:
        norm = keras.Sequential([keras.Input((3,)), norm], name="scaling")
    hidden = layers.Dense(8, activation="relu")
    model = keras.Sequential([keras.Input((3,)), norm, hidden, layers.Dense(2)])
    model.save(tmp_path / f"model{suffix}")
    result = lipbuild.import_model(
        tmp_path / f"model{suffix}", tmp_path / "kept", keep_weights=True, normalize=True
    )
    [step] = section(result)["preprocess"]
    assert np.allclose(step["Normalization"]["mean"], TABLE.mean(axis=0), rtol=1e-5)
    # The constant counts: the second column is divided by a quarter.
    graph = result.checked.graph
    assert graph is not None
    assert graph.bound == pytest.approx(1.0 / TABLE.std(axis=0).min(), rel=1e-5)
    kept = keras.saving.load_model(tmp_path / "kept" / "model.keras", compile=False)
    before, after = model.predict(TABLE, verbose=0), kept.predict(TABLE, verbose=0)
    ratio = float((before * after).sum() / (before * before).sum())
    assert np.abs(after - ratio * before).max() < 1e-5 * np.abs(after).max()
    # There is no data yet, and none is asked for.
    assert lipbuild.certify(tmp_path / "kept").path.is_file()


def test_what_normalizes_otherwise_is_taken_as_what_it_does(tmp_path: Path) -> None:
    whole = section(imported(tmp_path, adapted(axis=None)))["preprocess"][0]["Normalization"]
    assert whole["axis"] is None
    assert whole["variance"] == pytest.approx(TABLE.var(), rel=1e-5)
    given = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 9.0], invert=True)
    assert section(imported(tmp_path, given))["preprocess"] == [
        {"Rescaling": {"scale": [1.0, 2.0, 3.0], "offset": [1.0, 2.0, 3.0]}}
    ]
    constant = imported(tmp_path, adapted(np.ones((4, 3), np.float32)))
    assert section(constant)["preprocess"][0]["Normalization"]["least_std"] == 1e-6
    assert "the deviation 0 counts as 1e-06" in whats(constant, "norm")
    never = imported(tmp_path, layers.Normalization(name="norm"))
    assert section(never) == {}
    assert whats(never, "norm") == ["`Normalization` left out"]
    assert "    # norm: `Normalization` left out: its mean is 0 and its variance 1" in never.text
    # Behind other layers there is nothing that it could become.
    assert not imported(tmp_path, layers.ReLU(), adapted()).checked.ok


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (lambda: layers.Normalization(axis=(1, 2, 3)), r"normalises along the axes \[1, 2, 3\]"),
        (lambda: layers.Resizing(4, 4, interpolation="bicubic"), "resizes with interpolation='bicubic'"),
        (lambda: layers.Resizing(4, 6, crop_to_aspect_ratio=True), "crop_to_aspect_ratio=True"),
        (lambda: layers.CenterCrop(20, 20), "`CenterCrop` to 20×20 of an image of 8×8"),
    ],
)
def test_what_no_step_does_is_refused_before_anything_is_written(
    layer: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match=message):
        imported(tmp_path, layer(), shape=(8, 8, 3))
    assert not (tmp_path / "config.yaml").exists()


def test_augmentation_goes_into_the_data_in_its_units(tmp_path: Path) -> None:
    augmentation = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip("horizontal", name="flip"),
            layers.RandomRotation(0.1, name="turn"),
            layers.RandomTranslation((-0.25, 0.5), 0.125, fill_mode="constant", name="move"),
        ],
        name="augment",
    )
    result = imported(
        tmp_path,
        augmentation,
        layers.Rescaling(1 / 4, offset=-1.0, name="scale"),
        layers.GaussianNoise(0.5, name="noise"),
        layers.RandomTranslation(0.25, 0.25, name="shift"),
        layers.RandomCrop(6, 6, name="crop"),
        layers.RandomFlip("vertical", name="again"),
        layers.RandomTranslation(0.25, 0.25, name="late"),
        shape=(8, 8, 3),
    )
    data = section(result)
    assert data["source"] == "none"
    assert data["preprocess"] == [
        {"Rescaling": {"scale": 0.25, "offset": -1.0}},
        {"CenterCrop": {"height": 6, "width": 6}},
    ]
    assert data["augment"] == [
        {"RandomFlip": {"mode": "horizontal"}},
        {"RandomTranslation": {"height_factor": 0.5, "width_factor": 0.125}},
        # Noise of .5 after a factor of 1/4, and black there is 4 here.
        {"GaussianNoise": {"stddev": 2.0}},
        {"RandomTranslation": {"height_factor": 0.25, "width_factor": 0.25, "fill_value": 4.0}},
        # Windows of 6 of 8 pixels: at most one pixel to each side of the middle.
        {"RandomTranslation": {"height_factor": 1.25 / 8, "width_factor": 1.25 / 8}},
        {"RandomFlip": {"mode": "vertical"}},
    ]
    assert whats(result, "augment/turn") == ["`RandomRotation` left out"]
    assert whats(result, "late") == ["`RandomTranslation` left out"]
    assert "`fill_mode: reflect` left out" in whats(result, "shift")
    assert "    # augment/turn: `RandomRotation` left out: `data.augment` has none like it\n" in result.text


def test_scaling_that_is_written_as_a_formula_is_scaling(tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    x = layers.Dropout(0.1, name="drop")(inputs)
    model = keras.Model(inputs, layers.Dense(2)(1.0 - (x / 255.0 - 0.5) * 2.0))
    model.save(tmp_path / "model.keras")
    result = lipbuild.import_model(
        tmp_path / "model.keras", tmp_path / "kept", keep_weights=True, normalize=True
    )
    steps = [step["Rescaling"] for step in section(result)["preprocess"]]
    assert [step["scale"] for step in steps] == pytest.approx([1 / 255, 1.0, 2.0, -1.0])
    assert [step.get("offset", 0.0) for step in steps] == [0.0, -0.5, 0.0, 1.0]
    kept = keras.saving.load_model(tmp_path / "kept" / "model.keras", compile=False)
    data = RANDOM.uniform(0, 255, (20, 4)).astype(np.float32)
    before, after = model.predict(data, verbose=0), kept.predict(data, verbose=0)
    ratio = float((before * after).sum() / (before * before).sum())
    assert np.abs(after - ratio * before).max() < 1e-5 * np.abs(after).max()
    # A number over x has no constant.
    over = keras.Model(inputs, layers.Dense(2)(1.0 / inputs))
    over.save(tmp_path / "over.keras")
    assert not lipbuild.import_model(tmp_path / "over.keras", tmp_path / "over.yaml").checked.ok


def test_a_pipeline_is_the_layers_in_it(tmp_path: Path) -> None:
    images = RANDOM.random((5, 8, 8, 3)).astype(np.float32)
    steps = [layers.RandomFlip(name="flip"), layers.RandomContrast(0.2, name="contrast"), adapted(images)]
    result = imported(tmp_path, layers.Pipeline(steps, name="pipe"), shape=(8, 8, 3))
    [step] = section(result)["preprocess"]
    assert step["Normalization"]["mean"] == pytest.approx(images.mean(axis=(0, 1, 2)), rel=1e-5)
    assert section(result)["augment"] == [{"RandomFlip": {"mode": "horizontal_and_vertical"}}]
    assert whats(result, "pipe/contrast") == ["`RandomContrast` left out"]


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_layers_around_others_are_taken_off_with_their_weights(suffix: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5, 3))
    hidden = layers.SpectralNormalization(layers.Dense(8, activation="relu"), name="spectral")(inputs)
    steps = layers.TimeDistributed(layers.Dense(4), name="steps")(hidden)
    model = keras.Model(inputs, layers.Dense(2, name="out")(layers.Flatten()(steps)))
    x = RANDOM.normal(size=(20, 5, 3)).astype(np.float32)
    model(x, training=True)
    model.save(tmp_path / f"model{suffix}")
    result = lipbuild.import_model(
        tmp_path / f"model{suffix}", tmp_path / "kept", keep_weights=True, normalize=True
    )
    assert result.checked.ok
    assert "    - SpectralDense: {units: 8, activation: relu, name: spectral}\n" in result.text
    assert whats(result, "spectral")[0] == "`SpectralNormalization` taken off `Dense`"
    kept = keras.saving.load_model(tmp_path / "kept" / "model.keras", compile=False)
    before, after = model.predict(x, verbose=0), kept.predict(x, verbose=0)
    ratio = float((before * after).sum() / (before * before).sum())
    assert np.abs(after - ratio * before).max() < 1e-5 * np.abs(after).max()


def test_a_layer_around_a_recurrent_one_is_left_with_its_error(tmp_path: Path) -> None:
    result = imported(tmp_path, layers.Bidirectional(layers.LSTM(4)), shape=(5, 3))
    [error] = [d for d in result.checked.diagnostics if d.severity.value == "error"]
    assert (error.rule, error.message) == ("recurrent-layers", "`Bidirectional` wraps a recurrent layer")


def test_each_argument_that_is_lost_is_listed(tmp_path: Path) -> None:
    dense = layers.Dense(
        4,
        kernel_regularizer="l2",
        activity_regularizer=keras.regularizers.L1(0.5),
        kernel_constraint=keras.constraints.MaxNorm(2),
        kernel_initializer="he_normal",
        trainable=False,
        dtype="mixed_bfloat16",
        name="dense",
    )
    conv = layers.Conv2D(4, 3, bias_constraint="unit_norm", name="conv")
    result = imported(tmp_path, conv, dense, shape=(8, 8, 3))
    found = {(c.layer, c.kind, c.option, c.what.partition(" left")[0]) for c in result.changes if c.dropped}
    assert found == {
        ("conv", "Conv2D", "bias_constraint", "`bias_constraint: UnitNorm(axis=0)`"),
        ("dense", "Dense", "kernel_regularizer", "`kernel_regularizer: L2(l2=0.01)`"),
        ("dense", "Dense", "activity_regularizer", "`activity_regularizer: L1(l1=0.5)`"),
        ("dense", "Dense", "kernel_constraint", "`kernel_constraint: MaxNorm(max_value=2, axis=0)`"),
        ("dense", "Dense", "kernel_initializer", "`kernel_initializer: HeNormal()`"),
        ("dense", "Dense", "trainable", "`trainable: false`"),
        ("dense", "Dense", "dtype", "`dtype: mixed_bfloat16`"),
    }
    assert all(c.why for c in result.changes)
    assert result.text.count("    # dense: ") == 6
    lines = result.text.splitlines()
    assert lines[lines.index("    - Flatten: {name: flat}") - 1].startswith("    - SpectralDense: {units: 4")


def test_the_name_of_a_file_cannot_end_a_comment(tmp_path: Path) -> None:
    imported(tmp_path)
    model = (tmp_path / "model.keras").rename(tmp_path / "a\nseed: 1 #.keras")
    result = lipbuild.import_model(model, tmp_path / "again.yaml")
    assert result.checked.ok
    assert result.text.startswith("# Imported from a?seed: 1 #.keras by lipbuild")


def test_the_changes_are_printed_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path, adapted())
    capsys.readouterr()
    config = str(tmp_path / "config.yaml")
    arguments = ["import", str(tmp_path / "model.keras"), "-o", config, "--force"]
    assert run([*arguments, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["path"] == config
    assert said["errors"] == []
    assert said["lipschitz"] == pytest.approx(1.0 / TABLE.std(axis=0).min(), rel=1e-5)
    assert [(c["layer"], c["kind"], c["option"], c["dropped"]) for c in said["changes"]] == [
        ("norm", "Normalization", "", False),
        ("out", "Dense", "", False),
    ]
    # It cannot be trained before a source is named.
    assert run(["check", config]) == 0
    assert run(["check", config, "--set", "train={loss: MeanSquaredError, epochs: 1}"]) == 1
    assert "`source: none` has no data to train on" in capsys.readouterr().out
    assert run(["data", config]) == 1
    assert "`source: none` holds no data" in capsys.readouterr().err
