"""Audits of plain Keras models, against their exact norms and what the rules say."""

import json
import re

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.audit.audit import Audit
from lipbuild.rules.registry import RULES
from tests.conftest import Cli

L = keras.layers


@keras.saving.register_keras_serializable("tests")
class Square(L.Layer):
    """What nobody but its author knows."""

    def call(self, inputs):
        return inputs * inputs


@keras.saving.register_keras_serializable("tests")
class Written(keras.Model):
    """A model that is written as Python code."""

    def __init__(self, **keywords):
        super().__init__(**keywords)
        self.dense = L.Dense(2)

    def call(self, inputs):
        return self.dense(inputs) * inputs


@keras.saving.register_keras_serializable("tests", name="Functional")
class Disguised(keras.Model):
    """A functional model whose call does something else, under the name of Keras's own class."""

    def call(self, inputs, training=None):
        return 10.0 * super().call(inputs, training=training)


def saved(path, model):
    model.save(path)
    return path


def kinds(found: Audit, name: str) -> set[str]:
    return {finding.rule for layer in found.layers if layer.name == name for finding in layer.findings}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """A network as people build them, its statistics and weights those of a short training."""
    keras.utils.set_random_seed(0)
    inputs = L.Input((8, 8, 1))
    x = L.Conv2D(8, 3, padding="same", name="conv")(inputs)
    x = L.BatchNormalization(name="normalization")(x)
    x = L.ReLU(name="relu")(x)
    x = L.MaxPooling2D(3, strides=2, padding="same", name="pool")(x)
    x = L.Dropout(0.5, name="dropout")(x)
    x = L.Add(name="skip")([x, L.Conv2D(8, 3, padding="same", activation="tanh", name="branch")(x)])
    x = L.GlobalAveragePooling2D(name="mean")(x)
    model = keras.Model(inputs, L.Dense(10, activation="softmax", name="head")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    model.fit(rng.random((64, 8, 8, 1)), rng.integers(0, 10, 64), epochs=1, verbose=0)
    return model, saved(tmp_path_factory.mktemp("usual") / "usual.keras", model)


def test_each_layer_has_a_proved_bound_and_the_whole_their_composition(usual):
    model, path = usual
    found = lipbuild.audit(path)
    bounds = {layer.name: layer.upper for layer in found.layers}
    head = np.linalg.norm(np.asarray(model.get_layer("head").kernel, np.float64), 2)
    gamma, _, _, variance = (np.asarray(w, np.float64) for w in model.get_layer("normalization").weights)
    assert bounds["normalization"] == pytest.approx(
        np.max(np.abs(gamma) / np.sqrt(variance + 1e-3)), rel=1e-6
    )
    assert bounds["head"] == pytest.approx(0.5 * head, rel=1e-6)
    assert bounds["pool"] == 2.0
    assert bounds["dropout"] == bounds["relu"] == 1.0
    assert bounds["mean"] == pytest.approx(0.25)
    assert bounds["skip"] is None
    parts = [bounds[name] for name in ("conv", "normalization", "pool", "mean", "head")]
    expected = np.prod(parts) * (1.0 + bounds["branch"])
    assert found.lipschitz == pytest.approx(expected, rel=1e-6)
    # No pair of inputs is taken further apart.
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 200, 8, 8, 1)).astype(np.float32)
    moved = np.linalg.norm(model.predict(a, verbose=0) - model.predict(b, verbose=0), axis=1)
    assert (moved <= found.lipschitz * np.linalg.norm((a - b).reshape(200, -1), axis=1)).all()
    for layer in found.layers:
        assert layer.reason == ""
        assert layer.upper is None or layer.lower <= layer.upper


def test_the_rules_say_what_is_wrong_with_each_layer(usual):
    found = lipbuild.audit(usual[1])
    assert "plain-convolutions" in kinds(found, "conv")
    assert kinds(found, "pool") == {"overlapping-max-pooling"}
    assert kinds(found, "head") == {"output-activations"}
    # At inference it does nothing, which is proved.
    assert kinds(found, "dropout") == set()
    for layer in found.layers:
        for finding in layer.findings:
            assert RULES[finding.rule].code == finding.code
            assert finding.help
    [finding] = [f for layer in found.layers for f in layer.findings if f.rule == "plain-convolutions"][:1]
    assert "here it is at most" in finding.message


def test_a_layer_that_is_proved_to_be_at_most_1_breaks_no_rule_of_soundness(tmp_path):
    model = keras.Sequential([L.Input((4,)), L.Dense(4, name="dense"), L.BatchNormalization(name="bn")])
    model.get_layer("dense").set_weights([np.eye(4), np.zeros(4)])
    model.get_layer("bn").set_weights([np.ones(4), np.zeros(4), np.zeros(4), np.ones(4)])
    found = lipbuild.audit(saved(tmp_path / "m.keras", model))
    assert found.lipschitz is not None
    assert found.lipschitz <= 1.0
    assert kinds(found, "dense") == kinds(found, "bn") == set()


def test_the_network_as_a_whole_is_looked_at_as_it_would_be(tmp_path):
    layers = [L.Flatten(), L.Dense(200, name="wide"), L.Dense(8, activation="relu", name="second")]
    model = keras.Sequential([L.Input((8, 8)), *layers, L.Dense(3, name="head")])
    found = lipbuild.audit(saved(tmp_path / "m.keras", model))
    assert "wide-first-layer-waste" in kinds(found, "wide")
    assert {"consecutive-linear-layers", "norm-losing-activations"} <= kinds(found, "second")
    [remark] = [f for x in found.layers for f in x.findings if f.rule == "consecutive-linear-layers"]
    assert "the `wide` before it are linear" in remark.message


def test_what_has_no_constant_has_its_reason_and_the_rest_its_bounds(tmp_path):
    layers = [
        L.LSTM(4, name="rnn"),
        L.LayerNormalization(name="ln"),
        L.Lambda(lambda x: 2 * x, name="code"),
        Square(name="own"),
        L.Dense(3, name="dense"),
    ]
    model = keras.Sequential([L.Input((5, 2)), *layers])
    found = lipbuild.audit(saved(tmp_path / "m.keras", model))
    assert found.lipschitz is None
    assert "`rnn`" in found.reason
    reasons = {layer.name: layer.reason for layer in found.layers}
    assert all(reasons[name] for name in ("rnn", "ln", "code", "own"))
    assert "tests>Square" in reasons["own"]
    assert kinds(found, "rnn") == {"recurrent-layers"}
    assert kinds(found, "ln") == {"layer-normalization"}
    assert kinds(found, "code") == {"lambda-layers"}
    dense = found.layers[-1]
    kernel = np.asarray(model.get_layer("dense").kernel, np.float64)
    assert dense.upper == pytest.approx(np.linalg.norm(kernel, 2), rel=1e-9)
    assert dense.shape == (3,)


def test_nested_models_are_looked_into(tmp_path):
    inner = keras.Sequential([L.Input((6,)), L.Dense(6, name="a"), L.ReLU(name="r")], name="inner")
    inputs = L.Input((6,))
    features = keras.Model(inputs, L.Dense(6, name="b")(inputs), name="features")
    chained = keras.Sequential([L.Input((2, 3)), L.Flatten(), features, inner, L.Dense(2, name="c")])
    outer = L.Input((6,))
    branched = keras.Model(outer, L.Add()([features(outer), inner(outer)]))
    for name, model in (("chained", chained), ("branched", branched)):
        found = lipbuild.audit(saved(tmp_path / f"{name}.keras", model))
        assert {"inner/a", "inner/r", "features/b"} <= {layer.name for layer in found.layers}
        norms = {
            n: np.linalg.norm(np.asarray(part.get_layer(n).kernel, np.float64), 2)
            for n, part in (("a", inner), ("b", features))
        }
        if name == "chained":
            norms["c"] = np.linalg.norm(np.asarray(chained.get_layer("c").kernel, np.float64), 2)
            assert found.lipschitz <= norms["a"] * norms["b"] * norms["c"] * (1.0 + 1e-6)
        else:
            assert found.lipschitz == pytest.approx(norms["a"] + norms["b"], rel=1e-6)


def test_a_nested_model_that_is_called_twice_is_one_row_and_counts_twice(tmp_path):
    inner = keras.Sequential([L.Input((6,)), L.Dense(6)], name="inner")
    inputs = L.Input((6,))
    found = lipbuild.audit(saved(tmp_path / "m.keras", keras.Model(inputs, inner(inner(inputs)))))
    kernel = np.asarray(inner.layers[0].kernel, np.float64)
    alone, twice = np.linalg.norm(kernel, 2), np.linalg.norm(kernel @ kernel, 2)
    assert [(layer.name, layer.upper) for layer in found.layers] == [("inner", pytest.approx(alone))]
    assert found.lipschitz == pytest.approx(twice)


def test_a_model_of_a_class_of_its_own_is_not_certified(tmp_path):
    model = Written()
    model(np.zeros((1, 2)))
    with pytest.raises(RefusedError, match="written as Python code"):
        lipbuild.audit(saved(tmp_path / "written.keras", model))
    inputs = L.Input((2,))
    disguised = Disguised(inputs, L.Dense(2)(inputs))
    found = lipbuild.audit(saved(tmp_path / "disguised.keras", disguised))
    assert found.lipschitz is None
    assert "tests>Functional" in found.reason
    nested = keras.Sequential([inputs, disguised])
    assert lipbuild.audit(saved(tmp_path / "nested.keras", nested)).lipschitz is None


def test_a_size_that_is_left_open_can_be_given(tmp_path):
    model = keras.Sequential([L.Input((None, None, 3)), L.Conv2D(4, 3, name="c"), L.GlobalMaxPooling2D()])
    path = saved(tmp_path / "m.keras", model)
    found = lipbuild.audit(path)
    assert found.lipschitz is None
    assert "--input-shape" in found.reason
    assert found.layers[0].reason == "the size of its input is not known"
    given = lipbuild.audit(path, (9, 9, 3))
    assert given.lipschitz == pytest.approx(given.layers[0].upper, rel=1e-9)
    assert given.layers[0].shape == (7, 7, 4)
    with pytest.raises(RefusedError, match="not \\(9, 9, 4\\)"):
        lipbuild.audit(path, (9, 9, 4))


def test_an_old_file_is_read_through_keras(usual, tmp_path):
    model, path = usual
    model.save(tmp_path / "old.h5")
    assert lipbuild.audit(tmp_path / "old.h5").lipschitz == lipbuild.audit(path).lipschitz
    (tmp_path / "broken.h5").write_bytes(b"no file")
    with pytest.raises(UnusableError, match="not an HDF5 file"):
        lipbuild.audit(tmp_path / "broken.h5")


@pytest.mark.parametrize("name", ["nowhere.keras", "folder", "broken.keras"])
def test_what_cannot_be_read_says_so(name, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.keras").write_bytes(b"no archive")
    with pytest.raises(UnusableError):
        lipbuild.audit(tmp_path / name)


def test_the_command_tells_by_its_status_whether_a_constant_is_proved(usual, cli: Cli):
    done = cli("audit", usual[1])
    assert done.returncode == 0, done.stderr
    assert "overlapping-max-pooling: pool:" in done.stdout
    assert "proved from the weights" in done.stdout
    done = cli("audit", usual[1], "--lipschitz", "0.001", "--format", "json")
    assert done.returncode == 1
    written = json.loads(done.stdout)
    assert (written["format"], written["version"]) == ("lipbuild.audit", 1)
    assert written["lipschitz"] == lipbuild.audit(usual[1]).lipschitz
    done = cli("audit", usual[1], "--input-shape", "8,8")
    assert done.returncode == 1
    assert "not (8, 8)" in done.stderr
    assert cli("audit", usual[1], "--input-shape", "eight").returncode == 2


def test_layers_of_lipbuild_are_proved_by_their_plain_form(tmp_path):
    from lipbuild.activations import GroupSort2
    from lipbuild.layers import OrthoDense, ScaledL2NormPooling2D, SpectralConv2D, SpectralDense
    from lipbuild.model import Sequential

    keras.utils.set_random_seed(0)
    inner = keras.Sequential([L.Input((16,)), OrthoDense(16, name="o"), L.LeakyReLU(name="l")], name="inner")
    layers = [
        SpectralConv2D(4, 3, activation=GroupSort2(), name="c", k_coef_lip=2.0),
        ScaledL2NormPooling2D(name="p"),
        L.Flatten(name="f"),
        inner,
        SpectralDense(8, activation=GroupSort2(), name="d"),
        SpectralDense(3, name="head"),
    ]
    model = Sequential([L.Input((4, 4, 2)), *layers], k_coef_lip=1.0)
    found = lipbuild.audit(saved(tmp_path / "m.keras", model))
    assert [layer.kind for layer in found.layers][:2] == ["SpectralConv2D", "ScaledL2NormPooling2D"]
    assert [layer.name for layer in found.layers] == ["c", "p", "f", "inner/o", "inner/l", "d", "head"]
    assert all(layer.upper is not None for layer in found.layers)
    assert found.lipschitz <= np.prod([layer.upper for layer in found.layers]) * (1.0 + 1e-9)
    head = np.asarray(model.vanilla_export().layers[-1].kernel, np.float64)
    assert found.layers[-1].upper == pytest.approx(np.linalg.norm(head, 2), rel=1e-9)
    # What sorts inside `activation=` stands between two linear layers.
    assert not any("consecutive-linear-layers" in kinds(found, name) for name in ("d", "head"))


def test_an_activation_that_is_a_layer_is_one_also_at_the_end(tmp_path):
    for activation, rules in ((L.Softmax(), {"output-activations"}), (L.ReLU(), set())):
        model = keras.Sequential([L.Input((4,)), L.Dense(3, activation=activation, name="head")])
        assert kinds(lipbuild.audit(saved(tmp_path / "m.keras", model)), "head") >= rules


def test_a_constant_of_any_size_is_shown(tmp_path):
    from lipbuild.cli.audit_table import audit_table

    for size, shown in (
        (1e20, r"at most 1\.0000000\d\de\+20,"),
        (1e-20, r"at most \d\.\d{9}e-2[01],"),
        (0.0, r"at most 0\.000000000,"),
    ):
        model = keras.Sequential([L.Input((2,)), L.Dense(2, use_bias=False, name="d")])
        model.layers[0].set_weights([size * np.eye(2, dtype="f4")])
        assert re.search(shown, audit_table(lipbuild.audit(saved(tmp_path / "m.keras", model))))
