"""On which backends of Keras beside TensorFlow each layer trains and condenses: what docs/layers.md says of it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from lipbuild.network.specs import LAYERS
from tests.layers.test_every_layer import CASES, class_of

BACKENDS = ("jax", "torch")

# One process for all layers of a backend, which Keras takes only before it starts.
_TRAIN = """
import json, sys, traceback
import keras, numpy as np
from lipbuild import layers
from lipbuild.layers.lipschitz_layer import Condensable

rng, found = np.random.default_rng(0), {}

def numbers(weights):
    return [np.array(keras.ops.convert_to_numpy(w)) for w in weights]

def train(cls, arguments, shape):
    keras.utils.set_random_seed(0)
    several = isinstance(shape[0], list)
    shapes = shape if several else [shape]
    layer, inputs = getattr(layers, cls)(**arguments), [keras.Input(tuple(s)) for s in shapes]
    made = layer(inputs if several else inputs[0])
    inner = keras.Model(inputs, made)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(made)))
    x = [rng.normal(size=(16, *s)).astype("float32") for s in shapes]
    before = numbers(layer.trainable_weights)
    model.compile("adam", "mse")
    model.fit(x if several else x[0], rng.normal(size=(16, 1)).astype("float32"), epochs=2, batch_size=8, verbose=0)
    after = numbers(layer.trainable_weights)
    assert all(np.isfinite(w).all() for w in after), "a weight is not finite"
    assert not any(np.array_equal(*pair) for pair in zip(before, after)), "a weight is not trained"
    y = inner.predict(x, verbose=0)
    if isinstance(layer, Condensable):
        layer.condense()
    z = inner.predict(x, verbose=0)
    assert np.abs(y - z).max() <= 1e-4 * np.abs(y).max(), "condensing changes what it computes"
    moved, far = z[1:] - z[:-1], [p[1:] - p[:-1] for p in x]
    lengths = [np.sqrt(sum((p.reshape(15, -1) ** 2).sum(1) for p in parts)) for parts in ([moved], far)]
    assert (lengths[0] <= lengths[1] * bound(cls, arguments) * (1 + 1e-4)).all(), "it stretches a distance"

def bound(cls, arguments):
    # Each of these has the constant 1 for each output alone.
    return np.sqrt(arguments["units"]) if cls in ("LInfDense", "LastLayerNormalized", "FrobeniusDense") else 1.0

for cls, arguments, shape in json.loads(sys.stdin.read()):
    try:
        train(cls, arguments, shape)
        found[cls] = ""
    except Exception:
        found[cls] = traceback.format_exc()
print(json.dumps([keras.config.backend(), found]))
"""


def trained_on(backend: str) -> dict[str, str]:
    """What went wrong with each layer on a backend; empty where nothing did."""
    first = {class_of(name): name for name in reversed(CASES)}
    cases = [(cls, *CASES[name]) for cls, name in first.items()]
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    name, found = json.loads(done.stdout.splitlines()[-1])
    assert name == backend
    result: dict[str, str] = found
    return result


@pytest.mark.nightly
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_layer_trains_and_condenses_where_the_table_says_so(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    found = trained_on(backend)
    own = {kind for kind, cls in LAYERS.items() if cls.facts.cost}
    assert own <= found.keys()
    works = {kind for kind in own if not found[kind]}
    assert works == {kind for kind in own if backend in LAYERS[kind].facts.backends}, "".join(found.values())
