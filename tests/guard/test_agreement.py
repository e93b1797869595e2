"""What is certified is what Keras computes, in float64."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError
from lipbuild.guard import agreement
from lipbuild.guard.agreement import check_agreement
from lipbuild.saved.keras_network import keras_network

L = keras.layers


def _changed(network: Network, **arrays: Any) -> Network:
    """The network with other weights of its last layer."""
    *nodes, last = network.nodes
    return replace(network, nodes=(*nodes, replace(last, arrays={**last.arrays, **arrays})))


def test_a_difference_is_noticed_that_float32_would_hide(tmp_path: Path) -> None:
    layers = [L.Dense(8, activation="tanh") for _ in range(6)]
    model = keras.Sequential([keras.Input((8,)), *layers, L.Dense(2)])
    network = keras_network(model)
    model.save(tmp_path / "m.keras")
    check_agreement(tmp_path / "m.keras", network)
    kernel = network.nodes[-1].arrays["kernel"].astype(np.float64)
    with pytest.raises(RefusedError, match=r"differs from Keras by .* normal inputs of the size"):
        check_agreement(model, _changed(network, kernel=kernel * (1.0 + 1e-8)))


def test_a_weight_that_is_not_finite_is_refused_with_the_name_of_its_layer() -> None:
    model = keras.Sequential([keras.Input((3,)), L.Dense(2, name="broken")])
    for bad in (np.nan, np.inf):
        model.layers[0].kernel.assign(np.full((3, 2), bad))
        with pytest.raises(RefusedError, match="`broken`: a weight is NaN or infinite"):
            check_agreement(model, keras_network(model))


def test_a_difference_on_the_samples_alone_is_noticed() -> None:
    model = keras.Sequential([keras.Input((2,)), L.ReLU(), L.Dense(1), L.ReLU(max_value=1e5)])
    model.layers[1].set_weights([np.ones((2, 1), np.float32), np.zeros(1, np.float32)])
    network = keras_network(model)
    other = replace(network.nodes[-1], parameters={**network.nodes[-1].parameters, "maximum": 2e5})
    other = replace(network, nodes=(*network.nodes[:-1], other))
    check_agreement(model, other)
    with pytest.raises(RefusedError, match="2 of the samples"):
        check_agreement(model, other, np.array([[1.0, 1.0], [1e5, 1e5]]))


def test_rounding_where_large_numbers_cancel_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real function is 0, and each program computes another small number."""
    rng = np.random.default_rng(0)
    half = 1e6 * rng.standard_normal(32).astype(np.float32)
    model = keras.Sequential([keras.Input((1,)), L.Dense(64, use_bias=False), L.Dense(1, use_bias=False)])
    model.layers[0].set_weights([np.full((1, 64), 0.7, np.float32)])
    model.layers[1].set_weights([rng.permutation(np.concatenate([half, -half]))[:, None]])
    network = keras_network(model)
    check_agreement(model, network)
    monkeypatch.setattr(agreement, "_ROOM_OF_NOISE", 0.0)
    with pytest.raises(RefusedError, match="differs from Keras"):
        check_agreement(model, network)


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((5,), L.LeakyReLU(0.3)),
        ((5,), L.BatchNormalization(epsilon=0.1)),
        ((5,), L.Normalization(mean=[0.1] * 5, variance=[0.0, 0.1, 0.2, 0.3, 0.7])),
        ((5,), L.Activation("gelu")),
        ((4, 4, 4, 1), L.MaxPooling3D((3, 2, 2), (2, 1, 2), padding="same")),
        ((4, 4, 4, 1), L.AveragePooling3D(2)),
    ],
)
def test_numbers_that_keras_holds_in_float32_are_taken_so(shape: tuple[int, ...], layer: Any) -> None:
    model = keras.Sequential([keras.Input(shape), layer])
    check_agreement(model, keras_network(model))


def test_a_model_that_keras_cannot_compute_in_float64_is_not_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = keras.Sequential([keras.Input((2,)), L.Dense(1)])
    network = keras_network(model)

    def fails(self: Any, x: Any) -> Any:
        raise ValueError("no such kernel")

    monkeypatch.setattr(L.Dense, "call", fails)
    with pytest.raises(RefusedError, match="cannot compute the model in float64"):
        check_agreement(model, network)


def test_a_convolution_that_tensorflow_gets_wrong_in_float64_is_no_difference() -> None:
    keras.utils.set_random_seed(0)
    layer = L.Conv3D(3, (3, 1, 1), strides=(3, 1, 3), padding="same", activation="selu")
    model = keras.Sequential([keras.Input((3, 4, 3, 1)), layer])
    check_agreement(model, keras_network(model))
