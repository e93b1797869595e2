"""Files of which Keras makes another network than their layers and weights say, one after the other."""

import json
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lipbuild.errors import RefusedError
from lipbuild.evaluation.audit.audit_model import audit_model
from lipbuild.saved.archive import read_archive
from lipbuild.saved.calls import histories
from lipbuild.saved.certify import certify
from lipbuild.saved.layer_order import layer_order
from lipbuild.saved.read_saved import read_saved
from lipbuild.verifier import verify
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.digests import config_digest, weights_digest
from lipbuild.verifier.errors import RefusedError as Refused
from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.model_file import read_model
from lipbuild.verifier.order import keras_order
from tests.verifier.conftest import fails
from tests.verifier.test_tampered_models import _with_weights


def _audited(path):
    """Why an audit states no constant of the whole."""
    try:
        return audit_model(read_saved(path)).reason
    except RefusedError as error:
        return error.message


def refused_when_made(path, match):
    """Neither is a certificate made of a file, nor does an audit state a constant of the whole."""
    with pytest.raises(RefusedError, match=match):
        certify(*read_archive(path))
    assert re.search(match, _audited(path))


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

    changed = main.changed(tmp_path / "m.keras", config=edit)
    fails(changed.verified(), name)
    refused_when_made(changed.path, name)


@pytest.mark.parametrize("change", [{"module": "somebody.layers"}, {"registered_name": "mine>InputLayer"}])
def test_an_input_layer_of_ones_own(main, tmp_path, change):
    changed = main.changed(
        tmp_path / "m.keras", config=lambda config: _layer(config, "InputLayer").update(change)
    )
    assert not changed.verified().holds
    refused_when_made(changed.path, "input layer")


def test_whole_numbers_are_refused_where_keras_makes_steps_of_them(tmp_path, keras):
    model = keras.Sequential([keras.Input((2,), dtype="int32"), keras.layers.Dense(2)])
    assert np.ptp(model.predict(np.array([[0.1, 0.2], [0.9, 0.7]]), verbose=0), axis=0).max() == 0.0
    model.save(tmp_path / "m.keras")
    refused_when_made(tmp_path / "m.keras", "int32")


def test_weights_to_be_read_in_another_type(main, tmp_path):
    def edit(file, h5py):
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"

    changed = _with_weights(main, tmp_path / "m.keras", edit)
    fails(verify(changed, main.statement), "weights")
    refused_when_made(changed, "dense.*has a weight of void")


@pytest.fixture
def rounded(two, tmp_path):
    """A kernel in float64, a little smaller than the float32 that Keras makes of it."""

    def edit(file, h5py):
        kernel = file["layers/dense/vars/0"][...]
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = np.nextafter(kernel.astype(np.float64), 0.0)

    return _with_weights(SimpleNamespace(path=two), tmp_path / "m.keras", edit)


def test_weights_that_keras_rounds(rounded):
    with pytest.raises(Refused, match="first"):
        model_of(*read_model(rounded))
    refused_when_made(rounded, "first.*float64")


def test_keras_does_round_them(rounded, keras):
    stored = read_model(rounded)[1]["first"][0]
    loaded = keras.models.load_model(rounded).get_layer("first").get_weights()[0]
    assert np.linalg.norm(loaded.astype(np.float64)) > np.linalg.norm(stored)


def test_two_layers_of_which_keras_makes_one(main, tmp_path):
    # The identity is no part of the digest: it is another at every save.
    content = _content(main.path)
    config = json.loads(content["config.json"])
    _layer(config, "Dense")["shared_object_id"] = _layer(config, "Conv2D")["shared_object_id"] = 3
    _write(tmp_path / "m.keras", {**content, "config.json": json.dumps(config).encode()})
    fails(verify(tmp_path / "m.keras", main.statement), "config.json")
    refused_when_made(tmp_path / "m.keras", "identity")


def _content(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)


@pytest.fixture
def two(models, tmp_path):
    """Two layers of one shape, whose weights could be taken for each other's."""
    return Path(shutil.copy(models / "two.keras", tmp_path))


def _signed(path):
    """What is stated of a file by somebody who believes its order."""
    found, stored = read_model(path)
    statement = certify(found, stored)
    digests = {"config.json": config_digest(found), "weights": weights_digest(stored)}
    assert {s["name"]: s["digest"]["sha256"] for s in statement["subject"]} == digests
    return statement


@pytest.fixture
def turned(two, tmp_path):
    """The two layers stand in the file in another order, with names beside their weights that agree with it."""
    content = _content(two)
    config = json.loads(content["config.json"])
    layers = config["config"]["layers"]
    layers[2], layers[4] = layers[4], layers[2]

    def names(file, h5py):
        file["layers/dense/vars"].attrs["name"] = "second"
        file["layers/dense_1/vars"].attrs["name"] = "first"

    _write(two, {**content, "config.json": json.dumps(config).encode()})
    return _with_weights(SimpleNamespace(path=two), tmp_path / "turned.keras", names)


def test_weights_go_by_keras_s_order_of_layers_and_not_by_that_of_the_file(turned):
    fails(verify(turned, _signed(turned)), "model")
    refused_when_made(turned, "another order")


def test_keras_finds_weights_where_they_were(turned, keras):
    loaded = keras.models.load_model(turned).get_layer("first").get_weights()[0]
    assert not np.array_equal(loaded, read_model(turned)[1]["first"][0])


def test_a_layer_that_leads_nowhere_moves_the_weights_of_others(two):
    content = _content(two)
    config = json.loads(content["config.json"])
    layers = config["config"]["layers"]
    dead = json.loads(json.dumps(layers[2]).replace('"first"', '"dead"'))
    layers.insert(2, dead)
    _write(two, {**content, "config.json": json.dumps(config).encode()})
    with pytest.raises(Refused, match="another"):
        model_of(*read_model(two))
    refused_when_made(two, "lead nowhere")


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
    assert keras_order(reads, [("end", 0)]) == [layer.name for layer in model.layers]
    assert layer_order(config) == [layer.name for layer in model.layers]


def test_the_order_of_tensors_by_name_and_of_several_outputs_is_keras_s(keras, tmp_path):
    layers = keras.layers
    x = keras.Input((6, 4), name="data")
    query, value, key = (layers.Dense(4, name=name)(x) for name in ("query", "value", "key"))
    mixed = layers.MultiHeadAttention(2, 4)(query, value=value, key=key)
    outputs = {"z": layers.Dense(2, name="first")(key), "a": layers.Dense(2, name="second")(mixed)}
    model = keras.Model(x, outputs)
    model.save(tmp_path / "m.keras")
    config = json.loads(_content(tmp_path / "m.keras")["config.json"])["config"]
    assert layer_order(config) == [layer.name for layer in model.layers]


@pytest.mark.parametrize(
    ("before", "after", "match"),
    [
        ('"units": 3', '"units": 3, "something_new": 1', "something_new"),
        ('"output_layers"', '"something_new": 1, "output_layers"', "something_new"),
        ('"float32"}, "registered_name": null', '"float32"}, "registered_name": "my>Policy"', "my>"),
        ('"DTypePolicy"', '"DTypePolicyMap"', "Map"),
        ('{"name": "float32"}', '{"name": "float32", "source_name": "x"}', "source"),
    ],
)
def test_options_that_nobody_knows(two, before, after, match):
    content = _content(two)
    assert before.encode() in content["config.json"]
    changed = content["config.json"].replace(before.encode(), after.encode())
    _write(two, {**content, "config.json": changed})
    with pytest.raises(Refused, match=match):
        model_of(*read_model(two))
    refused_when_made(two, match)


def test_what_stands_twice_or_belongs_to_no_model(two, tmp_path):
    content = _content(two)
    doubled = content["config.json"].replace(
        b'"module": "keras.layers"', b'"module": "a", "module": "keras.layers"'
    )
    infinite = content["config.json"].replace(b'"units": 3', b'"stddev": NaN, "units": 3')
    for text, match, kind in ((doubled, "twice", RefusedError), (infinite, "(?i)nan", RefusedError)):
        assert text != content["config.json"]
        _write(tmp_path / "changed.keras", {**content, "config.json": text})
        with pytest.raises(kind, match=match):
            read_archive(tmp_path / "changed.keras")
        with pytest.raises(UnreadableError, match=match):
            read_model(tmp_path / "changed.keras")
    _write(tmp_path / "more.keras", {**content, "assets/words.txt": b""})
    with pytest.raises(RefusedError, match="words"):
        read_archive(tmp_path / "more.keras")


def _unallocated(file, h5py):
    """Terabytes of zeros in a file of kilobytes."""
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", shape=(2**20, 2**20), dtype="f4", chunks=(64, 64))


def _circle(file, h5py):
    file["layers/circle"] = file["layers"]


def _elsewhere(file, h5py):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", (3, 3), "f4", external=[(__file__, 0, 36)])


def _put_together(file, h5py):
    del file["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((3, 3), "f4")
    layout[...] = h5py.VirtualSource("other.h5", "x", (3, 3))
    file["layers/dense/vars"].create_virtual_dataset("0", layout)


def _type(file, h5py):
    file["layers/type"] = np.dtype("f4")


def _fields(file, h5py):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = np.zeros((3, 3), [("a", "f4")])


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (_unallocated, "room"),
        (_circle, "nested more than"),
        (_elsewhere, "another file"),
        (_put_together, "another file"),
        (_type, "cannot be read"),
        (_fields, "float32"),
    ],
)
def test_arrays_that_keras_never_stores(two, tmp_path, edit, match):
    changed = _with_weights(SimpleNamespace(path=two), tmp_path / "m.keras", edit)
    with pytest.raises((Refused, UnreadableError), match=match):
        model_of(*read_model(changed))
    refused_when_made(changed, "")


def test_values_nested_deep(two):
    content = _content(two)
    deep = b'"rate": ' + b"[" * 500 + b"]" * 500 + b', "units": 3'
    _write(two, {**content, "config.json": content["config.json"].replace(b'"units": 3', deep)})
    with pytest.raises(UnreadableError, match="deep"):
        read_model(two)
    refused_when_made(two, "deep")


def _normalization(layers, keras):
    x = keras.Input((1,))
    return x, layers.Normalization(mean=[0.0], variance=[1e-4])(x)


def _cropping(layers, keras):
    x = keras.Input((5, 5, 1))
    return x, layers.GlobalAveragePooling2D()(layers.Cropping2D(((1, 1), (2, 2)))(x))


def _rescaling(layers, keras):
    x = keras.Input((1,))
    return x, layers.Rescaling(np.ones(1, np.float32))(x)


def _within(layers, keras):
    x = keras.Input((4, 1))
    return x, layers.Flatten()(keras.Sequential([keras.Input((4, 1)), layers.Softmax()])(x))


@pytest.mark.parametrize(
    ("build", "class_name", "changes", "match"),
    [
        # Keras broadcasts the statistics to 4 values, and the result with them.
        (_normalization, "Normalization", {"build_config": {"input_shape": [None, 4]}}, "built for"),
        # It crops 1 at both ends of the one axis and 2 of the other.
        (_cropping, "Cropping2D", {"config": {"cropping": [1, 2]}}, "crops 1 axes"),
        # It makes bytes of what is given.
        (
            _rescaling,
            "Rescaling",
            {"config": {"scale": {"class_name": "__numpy__", "config": {"value": [-1.5], "dtype": "uint8"}}}},
            "uint8",
        ),
        # It drops the last axis, so that the softmax goes along the other one.
        (_within, "Sequential", {"config": {"layers": None, "build_input_shape": [None, 4]}}, "input layer"),
    ],
)
def test_a_layer_that_is_built_for_something_else(tmp_path, keras, build, class_name, changes, match):
    path = tmp_path / "m.keras"
    keras.Model(*build(keras.layers, keras)).save(path)
    model_of(*read_model(path))
    content = _content(path)
    config = json.loads(content["config.json"])
    layer = _layer(config, class_name)
    if "layers" in changes.get("config", {}):
        changes = {"config": {**changes["config"], "layers": layer["config"]["layers"][1:]}}
    for key, value in changes.items():
        layer[key] |= value
    _write(path, {**content, "config.json": json.dumps(config).encode()})
    with pytest.raises(Refused, match=match):
        model_of(*read_model(path))
    refused_when_made(path, match)


def test_a_normalization_called_on_two_shapes(tmp_path, keras):
    x = keras.Input((4,))
    scale = keras.layers.Normalization(mean=[0.0], variance=[1e-4])
    keras.Model(x, keras.layers.Concatenate()([scale(x), scale(x[:, :1])])).save(tmp_path / "m.keras")
    with pytest.raises(Refused, match="built for"):
        model_of(*read_model(tmp_path / "m.keras"))
    refused_when_made(tmp_path / "m.keras", "built for")
