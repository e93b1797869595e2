"""Models within models, layers that are called several times, and layers in `activation=`, for prover and verifier."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipbuild.certifying.composition import shapes_of
from lipbuild.errors import RefusedError
from lipbuild.guard.agreement import check_agreement
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.saved.keras_config import network_of
from lipbuild.verifier import verify
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.errors import RefusedError as Refused
from lipbuild.verifier.model_file import read_model


def _inner(keras: Any, name: str, layer: Any) -> Any:
    """A model that calls one layer twice."""
    x = keras.Input((4,), name=f"{name}_in")
    return keras.Model(x, layer(keras.layers.ReLU(name=f"{name}_relu")(layer(x))), name=name)


def _pair(keras: Any) -> Any:
    """A model with two inputs and two outputs."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    first, second = layers.Dense(4, name="first")(a), layers.Dense(4, name="second")(b)
    outputs = [layers.Add(name="sum")([first, second]), layers.Subtract(name="difference")([second, first])]
    return keras.Model([a, b], outputs, name="pair")


def _crossed(keras: Any) -> Any:
    """Results of one call in another order into the next, and a functional model as the output."""
    layers = keras.layers
    pair = _pair(keras)
    twice = _inner(keras, "twice", layers.Dense(4, activation="tanh", name="shared"))
    unbuilt = keras.Sequential(
        [layers.Dense(4, name="dense"), layers.Rescaling(0.3, name="scale")], name="chain"
    )
    x = keras.Input((4,), name="data")
    a, b = pair([x, unbuilt(x)])
    a, b = pair([unbuilt(b), a])
    return keras.Model(x, twice(layers.Maximum(name="larger")([twice(a), b])))


def _chained(keras: Any) -> Any:
    layers = keras.layers
    deepest = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="dense")], name="deepest")
    middle = keras.Sequential([layers.Dense(4, name="dense"), deepest], name="middle")
    return keras.Sequential([keras.Input((4,), name="data"), middle, layers.Dense(2, name="dense")])


def _exported(keras: Any) -> Any:
    """What `vanilla_export` makes of layers of lipbuild's: small models of their names."""
    from lipbuild.layers import GroupSort2, MaxMin, SpectralDense
    from lipbuild.model import Sequential

    layers = [SpectralDense(6), GroupSort2(), SpectralDense(4), MaxMin(), SpectralDense(2)]
    return Sequential([keras.Input((4,), name="data"), *layers]).vanilla_export()


def _activated(keras: Any) -> Any:
    """Layers in `activation=` of layers that change the shape."""
    layers = keras.layers
    x = inputs = keras.Input((2, 2, 1), name="data")
    x = layers.Conv2DTranspose(2, 3, strides=3, activation=layers.AveragePooling2D(2), name="pooled")(x)
    x = layers.SeparableConv2D(4, 2, activation=layers.Softmax(axis=1), name="softmax")(x)
    x = layers.Activation(layers.LeakyReLU(0.3), name="leaky")(x)
    return keras.Model(inputs, layers.Dense(3, activation="gelu")(layers.GlobalAveragePooling2D()(x)))


BUILD: dict[str, Callable[[Any], Any]] = {
    "crossed": _crossed,
    "chained": _chained,
    "exported": _exported,
    "activated": _activated,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras = pytest.importorskip("keras")
    folder = tmp_path_factory.mktemp("nested")
    for name, build in BUILD.items():
        keras.utils.set_random_seed(1)
        build(keras).save(folder / f"{name}.keras")
    return folder


@pytest.mark.parametrize("name", BUILD)
def test_prover_verifier_and_keras_agree_and_what_is_stated_is_not_exceeded(saved: Path, name: str) -> None:
    import keras

    from lipbuild.testing import gain_in_float64

    path = saved / f"{name}.keras"
    (config, weights), theirs = read_archive(path), read_model(path)
    assert weights.keys() == theirs[1].keys()
    network, model = network_of(config, weights), model_of(*theirs)
    shapes = shapes_of(network)
    assert [(n.name, n.kind, n.inputs, shapes[n.name]) for n in network.nodes] == [
        (n.name, n.kind, n.inputs, model.shapes[n.name]) for n in model.nodes.values()
    ]
    loaded = keras.saving.load_model(path)
    check_agreement(loaded, network)
    statement = certify(config, weights)
    assert verify(path, statement).holds
    stated = float.fromhex(statement["predicate"]["lipschitz"])
    assert gain_in_float64(loaded, loaded.input_shape[1:]) <= stated


def test_a_node_is_named_by_the_path_of_its_layer_and_the_number_of_its_call(saved: Path) -> None:
    network = network_of(*read_archive(saved / "crossed.keras"))
    names = [node.name for node in network.nodes]
    assert {"pair/first", "pair/first/1", "twice/shared", "chain/dense/1"} < set(names)
    assert network.output == "twice/shared/3:tanh"
    kernels = [
        node.arrays["kernel"]
        for node in network.nodes
        if node.name.startswith("twice") and node.kind == "dense"
    ]
    assert len(kernels) == 4
    # A kernel that is applied several times is proved once.
    assert all(kernel is kernels[0] for kernel in kernels)


def test_a_pooling_in_an_activation_pools_what_the_layer_makes(tmp_path: Path, keras: Any) -> None:
    layers = keras.layers
    pooling = layers.AveragePooling2D(16)
    layer = layers.Conv2DTranspose(1, 8, strides=8, use_bias=False, activation=pooling)
    model = keras.Sequential([keras.Input((2, 2, 1)), layer])
    layer.set_weights([np.ones((8, 8, 1, 1), np.float32)])
    model.save(tmp_path / "m.keras")
    statement = certify(*read_archive(tmp_path / "m.keras"))
    # Each of 4 inputs stands at 64 of 256 places: their mean, whose constant is 1/2.
    assert float.fromhex(statement["predicate"]["lipschitz"]) == pytest.approx(0.5, rel=1e-6)
    assert verify(tmp_path / "m.keras", statement).holds


@pytest.mark.parametrize("activation", ["PReLU", "Sequential"])
def test_what_has_weights_or_layers_of_its_own_is_refused_as_an_activation(
    tmp_path: Path, keras: Any, activation: str
) -> None:
    layers = keras.layers
    inner = layers.PReLU() if activation == "PReLU" else keras.Sequential([layers.ReLU()])
    keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=inner)]).save(tmp_path / "m.keras")
    with pytest.raises(RefusedError, match=activation):
        network_of(*read_archive(tmp_path / "m.keras"))
    with pytest.raises(Refused):
        model_of(*read_model(tmp_path / "m.keras"))


def test_a_layer_in_two_models_is_refused(tmp_path: Path, keras: Any) -> None:
    shared = keras.layers.Dense(4, name="shared")
    x = keras.Input((4,))
    model = keras.Model(x, _inner(keras, "two", shared)(_inner(keras, "one", shared)(x)))
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="shared"):
        keras.saving.load_model(tmp_path / "m.keras")
    with pytest.raises(RefusedError, match="two/shared"):
        network_of(*read_archive(tmp_path / "m.keras"))
    with pytest.raises(Refused, match="two/shared"):
        model_of(*read_model(tmp_path / "m.keras"))


def test_weights_of_nested_models_go_by_keras_s_order_of_layers(saved: Path, tmp_path: Path) -> None:
    """Keras counts from the outputs: in another order of these, the second layer has the weights of the first."""
    with zipfile.ZipFile(saved / "crossed.keras") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    _layer(config, "pair")["config"]["output_layers"].reverse()
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, value in (content | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, value)
    with pytest.raises(RefusedError, match="another order"):
        read_archive(tmp_path / "m.keras")
    with pytest.raises(Refused, match="another order"):
        model_of(*read_model(tmp_path / "m.keras"))


def _layer(config: Any, *path: str) -> Any:
    for name in path:
        config = next(part for part in config["config"]["layers"] if part["config"]["name"] == name)
    return config


def _history(call: Any) -> Any:
    return call["args"][0]["config"]


def _doubled(config: Any) -> None:
    """A model that calls a model twice, which calls a model twice, and so on."""
    model = copy.deepcopy(_layer(config, "twice"))
    for depth in range(20):
        first = copy.deepcopy(_layer(config, "twice", "twice_in"))
        inner = model | {"name": model["config"]["name"]}
        inner["inbound_nodes"] = [
            copy.deepcopy(_layer(config, "twice", "twice_relu")["inbound_nodes"][0]) for _ in range(2)
        ]
        _history(inner["inbound_nodes"][0])["keras_history"] = ["twice_in", 0, 0]
        _history(inner["inbound_nodes"][1])["keras_history"] = [inner["name"], 0, 0]
        inside = {"name": f"deep{depth}", "trainable": True, "layers": [first, inner]}
        ends = {"input_layers": ["twice_in", 0, 0], "output_layers": [inner["name"], 2, 0]}
        model = {**model, "config": inside | ends}
    _layer(config, "twice")["config"] = model["config"] | {"name": "twice"}


def _twin(config: Any) -> None:
    """Two layers with the identity of one, and calls of their own."""
    for name in ("first", "second"):
        _layer(config, "pair", name)["shared_object_id"] = 7


def _set(*path: str, **values: Any) -> Callable[[Any], None]:
    return lambda config: _layer(config, *path)["config"].update(values)


def _fed(change: Callable[[Any], Any]) -> Callable[[Any], None]:
    def edit(config: Any) -> None:
        call = _layer(config, "pair")["inbound_nodes"][0]
        call["args"] = change(call["args"])

    return edit


HOSTILE: dict[str, Callable[[Any], None]] = {
    "an input of whole numbers": _set("pair", "a", dtype="int32"),
    "an input of another length": _set("twice", "twice_in", batch_shape=[None, 5]),
    "an axis more": _set("twice", "twice_in", batch_shape=[None, 4, 1]),
    "an axis less": _set("twice", "twice_in", batch_shape=[None]),
    "an input that is none": _set("pair", input_layers=[["a", 0, 0], ["second", 0, 0]]),
    "an input twice": _set("pair", input_layers=[["a", 0, 0], ["a", 0, 0]]),
    "an input left out": _set("pair", input_layers=["a", 0, 0]),
    "outputs by name": _set("pair", output_layers={"u": ["sum", 0, 0], "v": ["difference", 0, 0]}),
    "an output that nothing computes": _set("pair", output_layers=[["sum", 0, 0], ["sum", 1, 0]]),
    "an option": _set("pair", something_new=1),
    # Keras would take the last call of all.
    "the call before the first as the output": lambda config: config["config"].update(
        output_layers=["twice", 0, 0]
    ),
    "a call that is not there": lambda config: config["config"].update(output_layers=["twice", 4, 0]),
    "a third tensor": _fed(lambda args: [[*args[0], args[0][0]]]),
    "nothing in place of a tensor": _fed(lambda args: [[*args[0], None]]),
    "one tensor": _fed(lambda args: [args[0][:1]]),
    "tensors side by side": _fed(lambda args: args[0]),
    "training": lambda config: _layer(config, "pair")["inbound_nodes"][0]["kwargs"].update(training=True),
    "a circle": lambda config: _history(_layer(config, "pair", "first")["inbound_nodes"][0]).update(
        keras_history=["sum", 0, 0]
    ),
    "a circle of models": lambda config: _history(_layer(config, "chain")["inbound_nodes"][0]).update(
        keras_history=["twice", 0, 0]
    ),
    "a result that is not there": lambda config: _history(_layer(config, "chain")["inbound_nodes"][1]).update(
        keras_history=["pair", 0, 2]
    ),
    "a class of one's own": lambda config: _layer(config, "pair").update(registered_name="mine>Functional"),
    "a layer of two names": _set("pair", "first", name="other"),
    "a name twice": lambda config: _layer(config, "pair")["config"]["layers"].append(
        copy.deepcopy(_layer(config, "pair", "sum"))
    ),
    "one layer in place of two": _twin,
    "calls without end": _doubled,
}


@pytest.mark.parametrize("edit", HOSTILE)
def test_a_changed_configuration_is_refused_by_both(saved: Path, edit: str) -> None:
    config, weights = read_archive(saved / "crossed.keras")
    network_of(config, weights), model_of(config, weights)
    HOSTILE[edit](config)
    with pytest.raises(RefusedError):
        network_of(config, weights)
    with pytest.raises(Refused):
        model_of(config, weights)
