"""Files of which Keras makes another network than their layers and weights say, one after the other."""

import json
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from lipbuild.certify.archive import read_archive
from lipbuild.certify.certificate import certify
from lipbuild.certify.saved.functional import histories
from lipbuild.certify.verify import verify
from lipbuild.certify.verify.digests import config_digest, weights_digest
from lipbuild.certify.verify.model_file import read_model
from lipbuild.certify.verify.order import keras_order
from lipbuild.errors import RefusedError
from tests.certify.verify.conftest import fails
from tests.certify.verify.test_tampered_models import _with_weights


def _layer(config, class_name):
    return next(item for item in config["config"]["layers"] if item["class_name"] == class_name)


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "int32"},
        {"dtype": "uint8"},
        {"dtype": "bfloat16"},
        {"sparse": True},
        {"something_new": 1},
    ],
)
def test_an_input_that_is_not_taken_as_it_is(main, tmp_path, change):
    name = "input_layer"

    def edit(config):
        nonlocal name
        name = _layer(config, "InputLayer")["name"]
        _layer(config, "InputLayer")["config"] |= change

    fails(main.changed(tmp_path / "m.keras", config=edit).verified(), name)


@pytest.mark.parametrize("change", [{"module": "somebody.layers"}, {"registered_name": "mine>InputLayer"}])
def test_an_input_layer_of_ones_own(main, tmp_path, change):
    changed = main.changed(
        tmp_path / "m.keras", config=lambda config: _layer(config, "InputLayer").update(change)
    )
    assert not changed.verified().holds
    with pytest.raises(RefusedError, match="input layer"):
        certify(*read_archive(changed.path))


def test_whole_numbers_are_refused_where_keras_makes_steps_of_them(tmp_path, keras):
    model = keras.Sequential([keras.Input((2,), dtype="int32"), keras.layers.Dense(2)])
    assert np.ptp(model.predict(np.array([[0.1, 0.2], [0.9, 0.7]]), verbose=0), axis=0).max() == 0.0
    model.save(tmp_path / "m.keras")
    with pytest.raises(RefusedError, match="int32"):
        certify(*read_archive(tmp_path / "m.keras"))


def test_weights_to_be_read_in_another_type(main, tmp_path):
    def edit(file, h5py):
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"

    fails(verify(_with_weights(main, tmp_path / "m.keras", edit), main.statement), "weights")


def test_two_layers_of_which_keras_makes_one(main, tmp_path):
    # The identity is no part of the digest: it is another at every save.
    content = _content(main.path)
    config = json.loads(content["config.json"])
    _layer(config, "Dense")["shared_object_id"] = _layer(config, "Conv2D")["shared_object_id"] = 3
    _write(tmp_path / "m.keras", {**content, "config.json": json.dumps(config).encode()})
    fails(verify(tmp_path / "m.keras", main.statement), "config.json")


def _content(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)


@pytest.fixture
def two(tmp_path, keras):
    """Two layers of one shape, whose weights could be taken for each other's."""
    x = keras.Input((3,), name="data")
    y = keras.layers.Dense(3, name="second")(keras.layers.ReLU()(keras.layers.Dense(3, name="first")(x)))
    keras.Model(x, y).save(tmp_path / "two.keras")
    return tmp_path / "two.keras"


def _signed(path):
    """What is stated of a file by somebody who believes its order."""
    config, weights = read_archive(path)
    statement = certify(config, weights)
    found, stored = read_model(path)
    digests = {"config.json": config_digest(found), "weights": weights_digest(stored)}
    assert {s["name"]: s["digest"]["sha256"] for s in statement["subject"]} == digests
    return statement


def test_weights_go_by_keras_s_order_of_layers_and_not_by_that_of_the_file(two, tmp_path, keras):
    content = _content(two)
    config = json.loads(content["config.json"])
    layers = config["config"]["layers"]
    layers[1], layers[3] = layers[3], layers[1]

    def names(file, h5py):
        file["layers/dense/vars"].attrs["name"] = "second"
        file["layers/dense_1/vars"].attrs["name"] = "first"

    _write(two, {**content, "config.json": json.dumps(config).encode()})

    changed = _with_weights(SimpleNamespace(path=two), tmp_path / "changed.keras", names)
    # Keras finds the weights where they were; by the file they are those of the other layer.
    loaded = keras.models.load_model(changed).get_layer("first").get_weights()[0]
    assert not np.array_equal(loaded, read_model(changed)[1]["first"][0])
    fails(verify(changed, _signed(changed)), "model")


def test_a_layer_that_leads_nowhere_moves_the_weights_of_others(two):
    content = _content(two)
    config = json.loads(content["config.json"])
    layers = config["config"]["layers"]
    dead = json.loads(json.dumps(layers[1]).replace('"first"', '"dead"'))
    layers.insert(1, dead)
    _write(two, {**content, "config.json": json.dumps(config).encode()})
    assert not verify(two, {}).holds


def test_the_order_is_keras_s(keras, tmp_path):
    layers = keras.layers
    x = keras.Input((4,), name="data")
    shared = layers.Dense(4, name="shared")
    deep = layers.ReLU(name="r1")(shared(layers.Dense(4, name="d1")(x)))
    beside = [layers.Dense(4, name=f"beside{i}")(x) for i in range(3)]
    late = shared(layers.Average(name="mean")([beside[2], deep, beside[0]]))
    y = layers.Concatenate(name="end")([layers.Dense(2, name="d2")(beside[1]), late, deep])
    model = keras.Model(x, y)
    model.save(tmp_path / "m.keras")
    config = json.loads(_content(tmp_path / "m.keras")["config.json"])["config"]
    reads = {
        (layer["name"], i): [tuple(call[:2]) for call in histories(node["args"])]
        for layer in config["layers"]
        for i, node in enumerate(layer["inbound_nodes"] or [{"args": []}])
    }
    assert keras_order(reads, ("end", 0)) == [layer.name for layer in model.layers]
