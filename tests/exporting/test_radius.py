"""The radius that a file computes: below what is proved in float64, for every input."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward, inference_error
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.errors import RefusedError
from lipbuild.exporting.float32_error import float32_error
from lipbuild.exporting.proof import Proof
from lipbuild.exporting.radius_constants import RadiusConstants, radius_constants
from lipbuild.exporting.radius_head import with_radius
from lipbuild.saved.keras_config import network_of
from lipbuild.training.train import Run


def network(outputs: int, scale: float, *, seed: int = 0, bias: float = 0.0) -> keras.Model:
    """Dense, sorted pairs and a residual, with any weights: the radius does not ask for a constant of 1."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,), name="input")
    x = keras.layers.Dense(8, bias_initializer="random_normal")(inputs)
    halves = [x[:, :4], x[:, 4:]]
    y = keras.layers.Concatenate()([keras.layers.Maximum()(halves), keras.layers.Minimum()(halves)])
    x = keras.layers.Average()([x, keras.layers.Dense(8, activation="relu")(y)])
    model = keras.Model(inputs, keras.layers.Dense(outputs, bias_initializer="random_normal")(x))
    model.set_weights([w * np.float32(scale) + np.float32(bias) for w in model.get_weights()])
    return model


def proof_of(model: keras.Model) -> Proof:
    import json

    weights = {layer.name: layer.get_weights() for layer in model.layers}
    found = network_of(json.loads(model.to_json()), weights)
    certified = CertifiedNetwork.of(found)
    return Proof(certified.lipschitz, (), certified)


def proved_radii(proof: Proof, x: np.ndarray, error: float = 0.0) -> np.ndarray:
    assert proof.certified is not None
    values, errors = forward(proof.certified.network, x), np.full(len(x), error)
    return sample_radii(BoundedLogits(values, errors, errors, 0.0, errors), proof.certified.head)


@pytest.mark.parametrize("outputs", [1, 2, 5])
@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**16),
    scale=st.sampled_from([1e-3, 0.5, 1.0, 30.0]),
    far=st.sampled_from([1e-6, 1.0, 1e4]),
    bias=st.sampled_from([0.0, 5.0]),
)
def test_a_radius_is_never_above_the_proved_one(
    outputs: int, seed: int, scale: float, far: float, bias: float
) -> None:
    model = network(outputs, scale, seed=seed, bias=bias)
    proof = proof_of(model)
    constants = radius_constants(proof)
    x = (far * np.random.default_rng(seed).normal(size=(64, 6))).astype(np.float32)
    task = "binary" if outputs == 1 else "multiclass"
    real = {k: np.asarray(v) for k, v in with_radius(model, constants, task=task)(x).items()}
    served = with_radius(model, constants, task=task, semantics="float32")(x)
    proved = proved_radii(proof, x)
    assert (real["radius"] <= proved).all()
    assert (np.asarray(served["radius"]) <= real["radius"]).all()
    logits = np.asarray(model(x))
    labels = (logits[:, 0] > 0) if outputs == 1 else logits.argmax(axis=1)
    assert (real["label"] == labels).all()
    # And not far below: by the error of float32 and no more.
    norms = np.linalg.norm(x.astype(np.float64), axis=1)
    lower = np.array(
        [
            proved_radii(proof, x[i : i + 1], 2.1 * constants.error.at(norms[i]))[0]
            for i in range(0, len(x), 16)
        ]
    )
    assert (real["radius"][::16] >= lower * (1 - 1e-5)).all()


def test_ties_and_what_is_no_number_have_no_radius() -> None:
    model = network(3, 1.0)
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    other = network(3, 1.0)
    constants = radius_constants(proof_of(other))
    tied = np.asarray(with_radius(model, constants, task="multiclass")(np.ones((2, 6), np.float32))["radius"])
    assert (tied == 0).all()
    wrong = np.full((2, 6), np.nan, np.float32)
    assert not (np.asarray(with_radius(other, constants, task="multiclass")(wrong)["radius"]) > 0).any()
    far = np.full((2, 6), 3e38, np.float32)
    assert not (np.asarray(with_radius(other, constants, task="multiclass")(far)["radius"]) > 0).any()


def test_the_error_of_float32_is_bounded_for_every_norm() -> None:
    certified = proof_of(network(4, 1.0)).certified
    assert certified is not None
    bound = float32_error(certified.network, certified.gains)
    for norm in np.logspace(-12, 30, 60):
        assert inference_error(certified.network, certified.gains, norm, UNIT_ROUNDOFF_32) <= bound.at(norm)
    x = np.random.default_rng(0).normal(size=(500, 6)).astype(np.float32)
    model = network(4, 1.0)
    actual = np.linalg.norm(np.asarray(model(x)) - forward(certified.network, x), axis=1)
    allowed = [bound.at(n) for n in np.linalg.norm(x.astype(np.float64), axis=1)]
    assert (actual <= allowed).all()


def test_a_network_that_cannot_be_read_has_no_radius() -> None:
    unread = Proof(np.inf, (), None, "`x` is a `Softmax`, whose constant is not known")
    with pytest.raises(RefusedError, match=r"no radius can be computed in this network: `x` is a `Softmax`"):
        radius_constants(unread)
    with pytest.raises(RefusedError, match="a regression has no label"):
        with_radius(network(1, 1.0), radius_constants(proof_of(network(1, 1.0))), task="regression")


def test_constants_cover_those_of_weights_that_were_rounded() -> None:
    own = radius_constants(proof_of(network(3, 1.0)))
    assert own.covers(own)
    assert own.widened(1e-6).covers(own)
    assert not own.covers(own.widened(1e-6))
    larger = RadiusConstants(own.distances, own.rest * 1.01, own.error)
    assert not own.widened(1e-6).covers(larger)


def test_float32_semantics_are_stricter_in_a_file_too(small: Run) -> None:
    import lipbuild

    real, served = (
        lipbuild.export(small.folder.path, ["onnx"], small.folder.path / name, semantics=semantics)[0]
        for name, semantics in (("a.onnx", "real"), ("b.onnx", "float32"))
    )
    from lipbuild.exporting.formats import FORMATS

    x = np.random.default_rng(0).random((32, 8, 8, 1)).astype(np.float32)
    radii = [FORMATS["onnx"].predict(e.path, x)["radius"] for e in (real, served)]
    assert (radii[1] <= radii[0]).all()
    assert FORMATS["onnx"].metadata(served.path)["radius"]["semantics"] == "float32"
