"""From saved models to configs: what is written, what is changed, what is left to decide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import pytest
from keras import layers

import lipbuild
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.importing.imported import Imported


def plain() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, use_bias=False, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Activation("relu", name="act"),
            layers.AveragePooling2D(3, padding="same", name="pool"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(12, activation="tanh", name="hidden"),
            layers.Dense(10, activation="softmax", name="head"),
        ],
        name="net",
    )


PLAIN = """\
    - OrthoConv2D: {filters: 4, kernel_size: 3, strides: 2, padding: valid, use_bias: false, name: first}
    # norm: `BatchNormalization` removed [batch-normalization]
    - Activation: {activation: relu, name: act}
    - ScaledAveragePooling2D: {pool_size: 3, padding: same, name: pool}
    - Flatten: {name: flat}
    # drop: `Dropout` removed [dropout]
    - SpectralDense: {units: 12, activation: tanh, name: hidden}
    # head: `softmax` left out [output-activations]
    - SpectralDense: {units: 10, name: head}
"""


GONE = "    # 1e3: `BatchNormalization` removed [batch-normalization]\n"


def graph() -> keras.Model:
    inputs = keras.Input((16,), name="x")
    stem = layers.Dense(16, name="stem")(inputs)
    dropped = layers.Dropout(0.1, name="dropped")(stem)
    body = layers.Dense(16, activation="relu", name="body")(dropped)
    both = layers.Add(name="both")([stem, body])
    half = both * 0.5
    again = layers.Dense(16, name="again")(dropped)
    return keras.Model(
        inputs, layers.Dense(3, name="out")(layers.Concatenate(name="cat")([half, again])), name="graph"
    )


def imported(model: keras.Model, folder: Path, suffix: str = ".keras") -> Imported:
    path = folder / f"model{suffix}"
    model.save(path)
    return lipbuild.import_model(path, folder / "config.yaml", overwrite=True)


def stack(result: Imported) -> str:
    return result.text.partition("  layers:\n")[2].partition("\ndata:")[0]


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_sequential_model_becomes_a_stack_and_each_change_is_listed(suffix: str, tmp_path: Path) -> None:
    result = imported(plain(), tmp_path, suffix)
    assert stack(result) == PLAIN
    assert "  input: [8, 8, 1]\n" in result.text
    assert result.checked.ok
    assert result.path.read_text() == result.text
    assert lipbuild.load(result.path).ok
    assert {(c.layer, c.rule) for c in result.changes} == {
        ("head", "output-activations"),
        ("first", "plain-convolutions"),
        ("norm", "batch-normalization"),
        ("pool", "unscaled-average-pooling"),
        ("drop", "dropout"),
        ("hidden", "plain-dense"),
        ("head", "plain-dense"),
    }
    assert next(c for c in result.changes if c.layer == "norm").what == "`BatchNormalization` removed"


def test_changes_are_told_in_their_order_under_any_name(tmp_path: Path) -> None:
    first = [layers.Dense(8, name="on"), layers.BatchNormalization(name="1e3")]
    rest = [layers.Activation("gelu", name="null"), layers.Dense(2, activation="selu", name="a b")]
    result = imported(keras.Sequential([keras.Input((4,)), *first, *rest]), tmp_path)
    assert stack(result).replace(GONE, "").split("    - ") == [
        "",
        "SpectralDense: {units: 8, name: on}\n",
        "GroupSort2\n",
        "SpectralDense: {units: 2, name: a_b}\n",
        "GroupSort2\n",
    ]
    assert [(change.layer, change.what) for change in result.changes] == [
        ("on", "`Dense` replaced by `SpectralDense`"),
        ("1e3", "`BatchNormalization` removed"),
        ("null", "`Activation` replaced by `GroupSort2`"),
        ("a_b", "`Dense` replaced by `SpectralDense`"),
        ("a_b", "`activation: selu` by a `GroupSort2` after it"),
    ]


@pytest.mark.filterwarnings("ignore:.*HDF5.*")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_functional_model_keeps_its_graph_without_what_is_removed(suffix: str, tmp_path: Path) -> None:
    result = imported(graph(), tmp_path, suffix)
    lines = [line for line in stack(result).splitlines() if "#" not in line]
    assert [line.split(":")[0].strip(" -") for line in lines] == [
        *("SpectralDense", "SpectralDense", "Average", "Rescaling", "SpectralDense", "Concatenate"),
        "SpectralDense",
    ]
    assert "inputs: [stem, body]" in lines[2]
    # It read the dropout, which is gone.
    assert lines[4] == "    - SpectralDense: {units: 16, name: again, inputs: [stem]}"
    assert ("both", "unscaled-residuals") in {(c.layer, c.rule) for c in result.changes}
    # Two branches of which one is halved: √(½² + 1²) is above 1, and nothing can decide what to give up.
    assert [d.rule for d in result.checked.diagnostics if d.severity.value == "error"] == [
        "unscaled-concatenations"
    ]


def test_nested_models_are_written_out(tmp_path: Path) -> None:
    inner = keras.Sequential([keras.Input((16,)), layers.Dense(8), layers.ReLU()], name="inner")
    inputs = keras.Input((4, 4))
    result = imported(keras.Model(inputs, layers.Dense(2)(inner(layers.Flatten()(inputs)))), tmp_path)
    assert result.checked.ok
    assert result.checked.graph is not None
    assert [node.kind for node in result.checked.graph.nodes] == [
        *("Flatten", "SpectralDense", "ReLU", "SpectralDense")
    ]
    assert result.checked.graph.nodes[1].name.startswith("inner_dense")


def test_a_file_of_keras_2_is_read(tmp_path: Path) -> None:
    import json

    import h5py
    import numpy as np

    config = {
        "class_name": "Functional",
        "config": {
            "name": "old",
            "layers": [
                {
                    "class_name": "InputLayer",
                    "config": {"batch_input_shape": [None, 4], "name": "in"},
                    "name": "in",
                    "inbound_nodes": [],
                },
                *(
                    {
                        "class_name": "Dense",
                        "config": {"name": name, "units": 4, "activation": "linear", "use_bias": False},
                        "name": name,
                        "inbound_nodes": [[["in", 0, 0, {}]]],
                    }
                    for name in ("left", "right")
                ),
                {
                    "class_name": "Average",
                    "config": {"name": "mean"},
                    "name": "mean",
                    "inbound_nodes": [[["left", 0, 0, {}], ["right", 0, 0, {}]]],
                },
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["mean", 0, 0]],
        },
    }
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        groups = file.create_group("model_weights")
        groups.attrs["layer_names"] = [b"left", b"right"]
        for name in ("left", "right"):
            groups.create_group(name).attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            groups[name][f"{name}/kernel:0"] = np.eye(4, dtype=np.float32) * 3
    result = lipbuild.import_model(tmp_path / "old.h5", tmp_path / "old", keep_weights=True, normalize=True)
    assert result.checked.ok
    assert result.weights is not None
    model = keras.saving.load_model(result.weights)
    assert np.allclose(model.predict(np.eye(4), verbose=0), np.eye(4), atol=1e-5)


def test_what_has_no_equivalent_is_left_with_its_error(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((8, 3)), layers.LSTM(4, name="cell"), layers.Dense(2)])
    result = imported(model, tmp_path)
    assert not result.checked.ok
    assert "- LSTM: {" in result.text
    assert [d.rule for d in result.checked.diagnostics if d.severity.value == "error"] == ["recurrent-layers"]
    kept = lipbuild.import_model(tmp_path / "model.keras", tmp_path / "kept", keep_weights=True)
    assert kept.weights is None
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["config.yaml"]


def test_a_class_of_somebodys_own_is_no_layer_of_keras(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("mine", "Flatten")
    class Flatten(layers.Flatten):
        pass

    result = imported(keras.Sequential([keras.Input((4, 2)), Flatten(), layers.Dense(2)]), tmp_path)
    assert not result.checked.ok
    assert "mine.Flatten" in result.text


def twice() -> keras.Model:
    inputs, shared = keras.Input((4,)), layers.Dense(4, name="shared")
    return keras.Model(inputs, shared(shared(inputs)))


def two_inputs() -> keras.Model:
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], layers.Add()([a, b]))


def channels_first() -> keras.Model:
    return keras.Sequential([keras.Input((3, 8, 8)), layers.Flatten(data_format="channels_first")])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (twice, "`shared` is used 2 times"),
        (two_inputs, "the model has 2 inputs, and a config has one"),
        (channels_first, "has its channels first"),
    ],
)
def test_what_a_config_cannot_say_is_refused(model: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=message):
        imported(model(), tmp_path)  # type: ignore[operator]
    assert not (tmp_path / "config.yaml").exists()


def test_what_is_no_model_or_in_the_way_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="there is no such model"):
        lipbuild.import_model(tmp_path / "nowhere.keras")
    (tmp_path / "text.keras").write_text("text")
    with pytest.raises(UnusableError, match="is not a whole"):
        lipbuild.import_model(tmp_path / "text.keras", tmp_path / "c.yaml")
    plain().save(tmp_path / "net.keras")
    (tmp_path / "c.yaml").write_text("mine")
    with pytest.raises(UnusableError, match="exists already"):
        lipbuild.import_model(tmp_path / "net.keras", tmp_path / "c.yaml")
    assert (tmp_path / "c.yaml").read_text() == "mine"
    with pytest.raises(UnusableError, match="says how weights are kept"):
        lipbuild.import_model(tmp_path / "net.keras", tmp_path / "d.yaml", normalize=True)


def test_the_command_lists_changes_and_loads_no_tensorflow(tmp_path: Path) -> None:
    plain().save(tmp_path / "net.keras")
    program = """
import sys
from lipbuild.cli.run import run
status = run(["import", "net.keras"])
assert not {"tensorflow", "keras"} & set(sys.modules)
sys.exit(status)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "norm: `BatchNormalization` removed [batch-normalization]\n" in done.stdout
    assert done.stdout.count("[batch-normalization] `BatchNormalization` has an unbounded Lipschitz") == 1
    assert done.stdout.endswith("next: lipbuild check net.yaml\n")
    assert lipbuild.load(tmp_path / "net.yaml").ok
