"""Prover and verifier read a model by two programs: wherever the second accepts one, they must agree on it."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import numpy as np
import pytest

from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.inference import forward
from lipbuild.errors import RefusedError
from lipbuild.saved.keras_config import network_of
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.errors import RefusedError as Refused
from lipbuild.verifier.forward import run
from lipbuild.verifier.model_file import read_model
from tests.verifier.zoo import SHAPES


def _others(value: Any) -> list[Any]:
    """Other values of an option, of its own kind and of others."""
    if isinstance(value, bool):
        return [not value, "yes"]
    if isinstance(value, (int, float)):
        return [value + 1, -value, "1"]
    if isinstance(value, str):
        return ["valid", "neighbours", "softmax", 3]
    if value is None:
        return [2, "relu", {"class_name": "Lambda", "module": "keras.layers", "config": {}}]
    if isinstance(value, list) and value and all(isinstance(v, int) for v in value):
        return [[v + 1 for v in value], value[:-1], value[::-1], value[0]]
    return [None]


def _differences(config: dict[str, Any], weights: Any, x: np.ndarray) -> dict[str, str]:
    """What comes of each option of each layer with another value, and without it."""
    found: dict[str, str] = {}
    for layer in config["config"]["layers"]:
        options = layer["config"]
        for key, value in list(options.items()):
            if key in {"name", "trainable", "dtype"} or key.endswith(
                ("initializer", "regularizer", "constraint")
            ):
                continue
            for other in _others(value)[:2]:
                edit = f"{layer['class_name']}.{key}={other!r}"
                if edit not in found:
                    options[key] = other
                    found[edit] = _difference(config, weights, x)
            del options[key]
            found[f"{layer['class_name']} without {key}"] = _difference(config, weights, x)
            options[key] = value
    return found


def _difference(config: dict[str, Any], weights: Any, x: np.ndarray) -> str:
    """What the two make of a configuration differently, where the verifier accepts it."""
    try:
        model = model_of(config, weights)
    except Refused:
        return "refused"
    try:
        network = network_of(config, weights)
    except RefusedError as error:
        return f"only the prover refuses: {error}"
    theirs = [(n.name, n.kind, n.inputs, model.shapes[n.name]) for n in model.nodes.values()]
    shapes = shapes_of(network)
    ours = [(n.name, n.kind, n.inputs, shapes[n.name]) for n in network.nodes]
    if theirs != ours:
        return f"{theirs} and {ours}"
    if x.shape[1:] != model.shapes[model.input.name]:
        return ""
    outputs, _ = run(model, {}, list(model.nodes.values())[1:], model.input.name, x.astype(np.float64))
    return "" if np.allclose(outputs, forward(network, x), rtol=1e-6, atol=1e-9) else "other outputs"


@pytest.mark.parametrize("name", SHAPES)
def test_they_agree_on_every_option_of_every_layer(certified, name):
    model = certified(name)
    config, weights = read_model(model.path)
    assert _difference(config, weights, model.x[:1]) == ""
    found = _differences(config, weights, model.x[:1])
    assert {edit: difference for edit, difference in found.items() if difference not in ("", "refused")} == {}
    # Some edits make another model that is known as well; most make none.
    assert set(found.values()) == {"", "refused"}


def test_they_name_the_same_weights_of_a_file(main):
    from lipbuild.saved.archive import read_archive

    ours, theirs = read_archive(main.path), read_model(main.path)
    assert ours[0] == theirs[0]
    assert ours[1].keys() == theirs[1].keys()
    for layer, weights in ours[1].items():
        for a, b in zip(weights, theirs[1][layer], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "function", ["Multiply", "Divide", "Split", "Where", "Power", "Cumsum", "Sqrt", "Square", "Mean"]
)
def test_a_function_that_has_no_constant_is_refused_by_both(certified, function):
    model = certified("plain")
    with zipfile.ZipFile(model.path) as archive:
        config = json.loads(archive.read("config.json"))
    weights = read_model(model.path)[1]
    layer = next(item for item in config["config"]["layers"] if item["class_name"] == "Absolute")
    layer["class_name"] = layer["registered_name"] = function
    if function == "Mean":
        layer["config"] |= {"axis": 1, "keepdims": True}
    with pytest.raises(Refused):
        model_of(config, weights)
    with pytest.raises(RefusedError):
        network_of(config, weights)
