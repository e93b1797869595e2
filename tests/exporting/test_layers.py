"""Layers as converters write them: what the verifier reads is the function, with the constant of the plain form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import yaml

import lipbuild
from lipbuild.building.plain import plain_model
from lipbuild.certifying.inference import forward
from lipbuild.exporting.format import Format
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.proof import prove
from lipbuild.exporting.served import Served
from lipbuild.exporting.statement import VERIFIED, statement_of
from lipbuild.guard.promises import weights_of

IMAGES: list[Any] = [
    {"SpectralConv2D": {"filters": 4, "kernel_size": 3, "groups": 2}},
    {"MaxMin": {}},
    {"LayerCentering": {}},
    {"PReLUlip": {}},
    {"SpectralConv2DTranspose": {"filters": 4, "kernel_size": 3, "strides": 2}},
    {"Householder": {}},
    {"SpectralDense": {"units": 5, "activation": "relu"}},
    {"Flatten": {}},
    {"SpectralDense": {"units": 3}},
]
SEQUENCES: list[Any] = [
    {"SpectralDense": {"units": 6}},
    {"GroupSort2": {}},
    {"OrthoRNN": {"units": 4, "return_sequences": True}},
    {"Flatten": {}},
    {"SpectralDense": {"units": 3}},
]
# What takes TensorFlow several seconds to write. What is read of it is the same as of the others.
SLOW = ("litert", "saved_model")
Network = tuple[keras.Model, float, np.ndarray]


@pytest.fixture(
    scope="module", params=[((4, 4, 4), IMAGES), ((3, 6), SEQUENCES)], ids=["images", "sequences"]
)
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A plain network with weights that no training made, its constant, and inputs."""
    shape, layers = request.param
    config = {"name": "net", "model": {"lipschitz": 1.0, "input": list(shape), "layers": layers}}
    path = tmp_path_factory.mktemp("net") / "net.yaml"
    path.write_text(yaml.safe_dump(config))
    accepted = lipbuild.load(path)
    model, rng = lipbuild.build(accepted), np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith("bias"):
            weight.assign(rng.uniform(-0.3, 0.3, weight.shape))
    plain = plain_model(model, accepted.graph)
    proof = prove(plain, accepted.graph, weights_of(plain))
    return plain, proof.bound, rng.normal(size=(4, *shape)).astype(np.float32)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.nightly if name in SLOW else ()) for name in VERIFIED],
)
def test_the_verifier_reads_what_converters_make_of_layers(
    name: str, network: Network, tmp_path: Path
) -> None:
    plain, bound, x = network
    kind, path = FORMATS[name], tmp_path / f"net{FORMATS[name].suffix}"
    assert isinstance(kind, Format)
    kind.write(Served(plain, ("logits",)), path)
    statement = statement_of(path, {"logits": ""})
    assert statement.network is not None, statement.reason
    assert statement.lipschitz is not None
    assert statement.lipschitz <= bound * (1.0 + 1e-6)
    np.testing.assert_allclose(forward(statement.network, x), np.asarray(plain(x)), atol=1e-5)
