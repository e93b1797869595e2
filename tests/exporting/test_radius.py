"""The radius that a file computes: below what is proved in float64, for every input."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

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
from lipbuild.exporting.hostile import at_boundary, hostile
from lipbuild.exporting.proof import Proof
from lipbuild.exporting.radius_check import check_radii
from lipbuild.exporting.radius_constants import radius_constants
from lipbuild.exporting.radius_head import with_radius
from lipbuild.exporting.within import norm_limit
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


def outputs_of(model: keras.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in model(x).items()}


def test_a_tie_has_a_label_and_no_radius() -> None:
    model = network(3, 1.0)
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    constants = radius_constants(proof_of(network(3, 1.0)))
    tied = outputs_of(with_radius(model, constants, task="multiclass"), np.ones((2, 6), np.float32))
    assert (tied["radius"] == 0).all()
    assert (tied["label"] == 0).all()
    assert not tied["certified"].any()


def exact_logits(model: keras.Model, sample: np.ndarray) -> list[Fraction]:
    """What `network` computes in rational arithmetic."""

    def dense(x: list[Fraction], layer: keras.layers.Layer) -> list[Fraction]:
        kernel, bias = (np.asarray(w, np.float64).tolist() for w in layer.weights)
        return [
            sum((v * Fraction(row[j]) for v, row in zip(x, kernel)), Fraction(bias[j]))
            for j in range(len(bias))
        ]

    first, second, last = (layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    x = dense([Fraction(float(v)) for v in sample], first)
    ordered = [*map(max, x[:4], x[4:]), *map(min, x[:4], x[4:])]
    return dense([(a + max(b, Fraction(0))) / 2 for a, b in zip(x, dense(ordered, second))], last)


@pytest.mark.parametrize("semantics", ["real", "float32"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_beside_a_boundary_and_far_off_no_radius_is_above_the_exact_one(outputs: int, semantics: Any) -> None:
    model = network(outputs, 1.0, seed=3)
    proof = proof_of(model)
    constants = radius_constants(proof).widened(1e-6)
    served = with_radius(
        model, constants, task="binary" if outputs == 1 else "multiclass", semantics=semantics
    )
    real = np.random.default_rng(1).normal(size=(32, 6)).astype(np.float32)
    beside = at_boundary(lambda x: outputs_of(served, x), real)
    assert len(beside) >= 8
    x = np.concatenate([real, beside, hostile(real)])
    found = outputs_of(served, x)
    known = found["label"] >= 0
    finite = np.isfinite(x).all(axis=1)
    norms = np.sqrt((np.where(finite[:, np.newaxis], x, 0.0).astype(np.float64) ** 2).sum(axis=1))
    assert (known == (finite & (norms < norm_limit(constants.limit, 6)))).all()
    assert (found["radius"][~known] == 0).all()
    assert found["certified"][: len(real)].all()
    assert (found["certified"] == (found["radius"] > 0)).all()
    columns = [[Fraction(float(v)) for v in c] for c in np.asarray(model.layers[-1].kernel).T]
    for row in np.flatnonzero(found["radius"] > 0):
        radius, label = Fraction(float(found["radius"][row])), int(found["label"][row])
        reach = radius * Fraction(constants.rest) / Fraction(1.0 + 1e-6)
        logits = exact_logits(model, x[row])
        if outputs == 1:
            assert reach <= abs(logits[0])
            assert label == (logits[0] > 0)
            continue
        for other in {0, 1, 2} - {label}:
            distance = sum(((a - b) ** 2 for a, b in zip(columns[label], columns[other])), Fraction(0))
            assert logits[label] > logits[other]
            assert reach**2 * distance <= (logits[label] - logits[other]) ** 2


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


def test_the_gate_refuses_a_label_or_a_radius_where_nothing_is_certified() -> None:
    model = network(3, 1.0)
    proof = proof_of(model)
    served = with_radius(model, radius_constants(proof), task="multiclass")
    x = np.concatenate([np.full((1, 6), np.nan), np.ones((1, 6)), np.full((1, 6), 1e38)]).astype(np.float32)
    right = outputs_of(served, x)
    check_radii("right", right, x, proof)
    for name, row, value in (
        ("radius", 0, np.nan),
        ("radius", 0, 1.0),
        ("radius", 1, right["radius"][1] * 1.01),
        ("radius", 1, -1.0),
        ("label", 0, 2),
        ("label", 1, -1),
        ("label", 1, (right["label"][1] + 1) % 3),
        ("margin", 0, 2.0**60),
        ("margin", 2, np.nan),
        ("certified", 0, True),
    ):
        wrong = {key: values.copy() for key, values in right.items()}
        wrong[name][row] = value
        with pytest.raises(RefusedError, match="nothing was exported"):
            check_radii("wrong", wrong, x, proof)


def test_a_network_that_cannot_be_read_has_no_radius() -> None:
    unread = Proof(np.inf, (), None, "`x` is a `Softmax`, whose constant is not known")
    with pytest.raises(RefusedError, match=r"no radius can be computed in this network: `x` is a `Softmax`"):
        radius_constants(unread)


def test_constants_cover_those_of_weights_that_were_rounded() -> None:
    own = radius_constants(proof_of(network(3, 1.0)))
    assert own.covers(own)
    assert own.widened(1e-6).covers(own)
    assert not own.covers(own.widened(1e-6))
    larger = replace(own, rest=own.rest * 1.01)
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
