"""The example configs of the layer families are checked, built, trained a few steps and proved."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.building.plain import plain_model
from lipbuild.data.config_data import load_dataset
from lipbuild.diagnostics.severity import Severity
from lipbuild.exporting.gate import check_norms
from lipbuild.exporting.proof import prove
from lipbuild.guard.promises import weights_of
from lipbuild.network.specs import LAYERS
from lipbuild.rules.check import check
from lipbuild.text.load import read
from lipbuild.training.compile import keras_loss, keras_optimizer
from tests.conftest import CONFIGS

EXAMPLES = sorted((CONFIGS / "layers").glob("*.yaml"))


def test_every_layer_with_weights_is_in_an_example() -> None:
    shown = "\n".join(path.read_text(encoding="utf-8") for path in [*CONFIGS.glob("*.yaml"), *EXAMPLES])
    # Plain functions and moves of values need no example of their own.
    small = {"Input", "ELU", "LeakyReLU", "ReLU", "Softmax", "Activation", "Identity", "Permute", "Add"}
    small |= {"ZeroPadding2D", "GlobalMaxPooling2D", "ScaledAveragePooling2D", "ScaledGlobalAveragePooling2D"}
    assert {kind for kind in LAYERS if kind not in shown} <= small


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_checked_built_trained_and_proved(path) -> None:  # type: ignore[no-untyped-def]
    checked = check(read(path))
    assert checked.ok
    assert all(found.severity is Severity.REMARK for found in checked.diagnostics), checked.diagnostics
    config, graph = checked.config, checked.graph
    assert config is not None
    assert config.train is not None
    assert graph is not None
    keras.utils.set_random_seed(0)
    model = lipbuild.build(checked)
    data = load_dataset(config, graph).train
    loss, optimizer = keras_loss(config.train.loss, graph, model), keras_optimizer(config.train.optimizer)
    model.compile(optimizer, loss, run_eagerly=True)
    history = model.fit(data.x[:256], data.y[:256], batch_size=128, epochs=4, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert history[-1] < history[0]
    plain = plain_model(model, graph)
    np.testing.assert_allclose(plain(data.x[:8]), model(data.x[:8]), atol=1e-5)
    proof = prove(plain, graph, weights_of(plain))
    check_norms(proof.norms)
    assert proof.bound <= graph.lipschitz * (1 + 1e-6)
