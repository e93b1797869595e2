"""Models of deel-lip's Keras 3 branch, read without it."""

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.model.vanilla_model import vanillaModel
from lipbuild.saved.deel_lip import is_deel_lip
from lipbuild.saved.keras_file import read_keras_file
from lipbuild.saved.keras_network import keras_network
from tests.saved import deel_lip_file as deel

RNG = np.random.default_rng(0)
POOL = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid", "data_format": "channels_last"}
SORT = {"data_format": "channels_last", "k_coef_lip": 1.0}


def weights(*shape):
    matrix = RNG.standard_normal((int(np.prod(shape[:-1])), shape[-1]))
    matrix /= np.linalg.norm(matrix, 2)
    return matrix.reshape(shape).astype(np.float32), RNG.standard_normal(shape[-1]).astype(np.float32)


W1, W2, W3, W4 = weights(3, 3, 1, 8), weights(3, 3, 8, 8), weights(32, 12), weights(12, 3)
THETA = RNG.uniform(0, 3, 6).astype(np.float32)


@pytest.fixture(scope="module")
def cnn(tmp_path_factory):
    """Every kind of deel-lip's layers that a network of images may have."""
    layers = [
        deel.convolution("SpectralConv2D", "conv", 8, k=2.0),
        deel.layer("GroupSort2", "sort", n=2, **SORT),
        deel.layer("ScaledAveragePooling2D", "average", k_coef_lip=0.5, **POOL),
        deel.layer("InvertibleUpSampling", "up", pool_size=[2, 2], data_format="channels_last"),
        deel.layer("InvertibleDownSampling", "down", pool_size=[2, 2], data_format="channels_last"),
        deel.convolution("FrobeniusConv2D", "conv2", 8),
        deel.layer("GroupSort", "sort4", n=4, **SORT),
        deel.layer("ScaledL2NormPooling2D", "norm", k_coef_lip=1.0, **POOL),
        deel.keras_layer("Flatten", "flatten", data_format="channels_last"),
        deel.dense("SpectralDense", "dense", 12, activation="relu"),
        deel.layer("Householder", "householder", data_format="channels_last", k_coef_lip=0.1),
        deel.layer("FullSort", "full", n=12, **SORT),
        deel.dense("FrobeniusDense", "head", 3, disjoint_neurons=False),
    ]
    path = tmp_path_factory.mktemp("deel") / "cnn.keras"
    stored = {
        "conv": deel.constrained(*W1),
        "conv2": deel.constrained(*W2),
        "dense": deel.constrained(*W3),
        "householder": {"0": THETA},
        "head": deel.constrained(*W4),
    }
    deel.write(path, deel.sequential((8, 8, 1), layers), stored)
    return path


def convolved(x, kernel, bias):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    h, w = x.shape[1:3]
    taps = [padded[:, i : i + h, j : j + w] @ kernel[i, j] for i in range(3) for j in range(3)]
    return np.sum(taps, axis=0) + bias


def windows(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c)


def by_hand(x):
    """What deel-lip computes, from its documentation, in float64."""
    x = x.astype(np.float64)
    x = convolved(x, *(a.astype(np.float64) for a in W1))
    pairs = x.reshape(*x.shape[:-1], 4, 2)
    x = np.stack([pairs.min(-1), pairs.max(-1)], -1).reshape(x.shape)
    x = 0.5 * 2.0 * windows(x).mean(axis=(2, 4))
    x = convolved(x, *(a.astype(np.float64) for a in W2))  # up and down again is nothing
    x = np.sort(x.reshape(*x.shape[:-1], 2, 4), axis=-1).reshape(x.shape)
    x = 2.0 * np.sqrt((windows(x) ** 2).mean(axis=(2, 4)) + 1e-6)
    x = np.maximum(x.reshape(len(x), -1) @ W3[0].astype(np.float64) + W3[1], 0.0)
    a, b = x[:, :6], x[:, 6:]
    keep = a * np.sin(THETA / 2) - b * np.cos(THETA / 2) <= 0
    cos, sin = np.cos(THETA), np.sin(THETA)
    x = np.concatenate([np.where(keep, a, a * cos + b * sin), np.where(keep, b, a * sin - b * cos)], 1)
    return np.sort(x, axis=-1) @ W4[0].astype(np.float64) + W4[1]


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(1).random((20, 8, 8, 1)).astype(np.float32)


def test_it_computes_what_deel_lip_computes(cnn, x):
    saved = read_keras_file(cnn)
    assert is_deel_lip(saved)
    certified = CertifiedNetwork.of(keras_network(vanillaModel(lipbuild.load_deel_lip(cnn))))
    np.testing.assert_allclose(certified.logits(x).values, by_hand(x), atol=2e-6)


def test_it_loads_as_a_keras_model_without_deel_lip(cnn, x):
    model = lipbuild.load_deel_lip(cnn)
    np.testing.assert_allclose(model.predict(x, verbose=0), by_hand(x), atol=1e-5)
    assert not any("deel" in type(layer).__module__ for layer in model.layers)
    assert isinstance(model.get_layer("conv"), keras.layers.Conv2D)


def test_the_kernel_that_is_applied_counts_not_the_one_that_is_trained(tmp_path):
    wbar, bias = weights(6, 4)
    stored = {"dense": deel.constrained(1.09 * wbar, bias)}
    config = deel.functional((6,), [deel.dense("SpectralDense", "dense", 4)])
    deel.write(tmp_path / "m.keras", config, stored)
    found = lipbuild.audit(tmp_path / "m.keras")
    assert found.origin == "deel-lip"
    assert found.lipschitz == pytest.approx(1.09, rel=1e-6)
    [layer] = found.layers
    assert (layer.kind, layer.shape) == ("SpectralDense", (4,))
    [finding] = layer.findings
    assert finding.rule == "lipschitz-budget-exceeded"
    assert "promises the constant 1, and its kernel reaches 1.09" in finding.message


def test_a_promise_that_is_kept_is_no_finding(tmp_path):
    wbar, bias = weights(6, 4)
    for i, part in enumerate(
        [
            deel.dense("SpectralDense", "dense", 4),
            deel.dense("SpectralDense", "dense", 4, k=2.0),
            # Neurons one by one promise no more than √units of all together.
            deel.dense("FrobeniusDense", "dense", 4, disjoint_neurons=True),
        ]
    ):
        factor = 1.0 if i == 0 else 1.9
        deel.write(
            tmp_path / f"{i}.keras",
            deel.sequential((6,), [part]),
            {"dense": deel.constrained(factor * wbar, bias)},
        )
        assert lipbuild.audit(tmp_path / f"{i}.keras").layers[0].findings == ()


def test_what_is_not_known_is_refused_with_its_name(tmp_path):
    layers = [deel.layer("PadConv2D", "pad", filters=2, kernel_size=[3, 3])]
    deel.write(tmp_path / "m.keras", deel.sequential((4, 4, 1), layers), {})
    with pytest.raises(RefusedError, match="`pad` is a `deel-lip>PadConv2D`"):
        lipbuild.load_deel_lip(tmp_path / "m.keras")
    assert lipbuild.audit(tmp_path / "m.keras").lipschitz is None


def test_a_layer_without_its_kernel_is_refused(tmp_path):
    config = deel.sequential((6,), [deel.dense("SpectralDense", "dense", 4)])
    deel.write(tmp_path / "m.keras", config, {"dense": {"0": np.zeros((6, 4)), "1": np.zeros(4)}})
    with pytest.raises(RefusedError, match="`dense` is a `deel-lip>SpectralDense` without its 'wbar'"):
        lipbuild.load_deel_lip(tmp_path / "m.keras")


def test_other_files_are_not_taken_for_deel_lips(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "plain.keras")
    with pytest.raises(RefusedError, match="no layer of deel-lip"):
        lipbuild.load_deel_lip(tmp_path / "plain.keras")
    with pytest.raises(UnusableError, match="there is no such model"):
        lipbuild.load_deel_lip(tmp_path / "nowhere.keras")
    (tmp_path / "broken.keras").write_bytes(b"PK")
    with pytest.raises(UnusableError, match=r"not a whole `.keras` file"):
        lipbuild.load_deel_lip(tmp_path / "broken.keras")
