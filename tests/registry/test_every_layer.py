"""What holds for each layer of the registry."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from lipbuild import layers as lipschitz
from lipbuild.certifying.inference import forward
from lipbuild.errors import RefusedError
from lipbuild.exporting.proof import prove
from lipbuild.guard.promises import check_promises, layers_with_kernels, needed_weights, weights_of
from lipbuild.network.shapes import ShapeError
from lipbuild.network.specs import LAYERS
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.saved.keras_config import network_of
from lipbuild.saved.plain_file import save_plain
from lipbuild.verifier import verify
from tests.registry.networks import checked, layer_of, node_of, trained
from tests.registry.samples import BUILT, SAMPLES, Sample

# Layers whose constant is what their spec says whatever their weights are: a translation, a share between 0 and 1.
WEIGHT_FREE = {"BatchCentering", "LayerCentering", "LipResidual"}
WITH_KERNELS = {sample.kind for sample in SAMPLES if node_of(sample).parameters} - WEIGHT_FREE

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)
each_built = pytest.mark.parametrize("sample", BUILT, ids=str)

_SERVE = """
import json, sys
import keras, numpy as np
found = {}
for i, path in enumerate(sys.argv[1:]):
    try:
        model = keras.saving.load_model(path)
        data = np.load(path + ".npz")
        found[path] = float(np.abs(np.asarray(model(data["inputs"])) - data["outputs"]).max())
    except Exception as error:
        found[path] = repr(error)
assert "lipbuild" not in sys.modules
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[Sample, float | str]:
    """What a process that has no lipbuild makes of each plain model: the difference of its outputs."""
    folder = tmp_path_factory.mktemp("plain")
    paths = {}
    for i, sample in enumerate(BUILT):
        network = trained(sample)
        paths[sample] = str(folder / f"{i}.keras")
        network.plain.save(paths[sample])
        np.savez(
            f"{paths[sample]}.npz", inputs=network.inputs, outputs=np.asarray(network.model(network.inputs))
        )
    # An isolated interpreter in an empty folder.
    done = subprocess.run(
        [sys.executable, "-I", "-c", _SERVE, *paths.values()],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        check=True,
    )
    found = json.loads(done.stdout)
    return {sample: found[path] for sample, path in paths.items()}


def test_every_layer_has_a_sample_that_is_built() -> None:
    assert {sample.kind for sample in BUILT} == set(LAYERS)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_is_documented(kind: str) -> None:
    cls = LAYERS[kind]
    assert cls.__name__ == kind
    first = (inspect.getdoc(cls) or "").splitlines()[0]
    assert first.endswith(".")
    assert "onstant" in first or kind == "Input"
    for name, field in cls.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@each_sample
def test_shape_and_weights_are_those_of_the_keras_layer(sample: Sample) -> None:
    node, layer = node_of(sample), layer_of(sample)
    shapes = [(None, *shape) for shape in node.input_shapes]
    assert tuple(layer.compute_output_shape(shapes if sample.inputs > 1 else shapes[0])) == (
        None,
        *node.shape,
    )
    inputs = [keras.Input(sample.shape) for _ in shapes]
    outputs = layer(inputs if sample.inputs > 1 else inputs[0])
    assert outputs.shape == (None, *node.shape)
    assert sum(int(np.prod(w.shape)) for w in layer.trainable_weights) == node.parameters


@pytest.mark.parametrize("sample", [s for s in SAMPLES if len(s.shape) > 1 and s.kind != "Input"], ids=str)
def test_an_unknown_size_stays_unknown_where_keras_takes_it(sample: Sample) -> None:
    shape = (*(None for _ in sample.shape[:-1]), sample.shape[-1])
    spec = node_of(sample).spec
    try:
        inferred = spec.merged_shape((shape,) * sample.inputs)
    except ShapeError:
        return
    inputs = [keras.Input(shape) for _ in range(sample.inputs)]
    assert layer_of(sample)(inputs if sample.inputs > 1 else inputs[0]).shape == (None, *inferred)


# What a merge reads in the test of its constant: multiples of one input, or its values moved along, with which each of
# the rules is tight.
SIGNS = {"Subtract": [1.0, -0.5]}
MOVED = {"Maximum", "Minimum"}


def factors_of(sample: Sample) -> list[float]:
    """The factors of the inputs of a sample, whose absolute values are the inputs' constants."""
    if sample.kind in MOVED:
        return [1.0] * sample.inputs
    return SIGNS.get(sample.kind, [1.0, 0.5, 0.25])[: sample.inputs]


@cache
def jacobian_values(sample: Sample) -> list[NDArray[np.float64]]:
    """The singular values of a sample's Jacobian in float64, at inputs of several sizes."""
    factors, node = factors_of(sample), node_of(sample)
    keras.utils.set_random_seed(2)
    keras.config.set_dtype_policy("float64")
    found = []
    try:
        layer = layer_of(sample)
        size = int(np.prod(node.shape))
        for scale in (0.1, 1.0, 3.0):
            point = np.random.default_rng(3).normal(scale=scale, size=(1, *sample.shape))
            # One row of the Jacobian for each output, all in one batch.
            x = tf.constant(np.repeat(point, size, axis=0))
            with tf.GradientTape() as tape:
                tape.watch(x)
                parts = [
                    tf.roll(x, shift, axis=-1) if sample.kind in MOVED else x * factor
                    for shift, factor in enumerate(factors)
                ]
                y = tf.reshape(layer(parts if sample.inputs > 1 else parts[0]), (size, size))
                diagonal = tf.reduce_sum(tf.linalg.diag_part(y))
            rows = tape.gradient(diagonal, x)
            assert rows.dtype == tf.float64
            found.append(np.linalg.svd(rows.numpy().reshape(size, -1), compute_uv=False))
    finally:
        keras.config.set_dtype_policy("float32")
    return found


def stated_bound(sample: Sample) -> float:
    """The constant that the spec of a sample states for such inputs."""
    node = node_of(sample)
    return node.spec.merged_bound(node.input_shapes, [abs(factor) for factor in factors_of(sample)])


@each_sample
def test_the_measured_gain_stays_below_the_constant(sample: Sample) -> None:
    measured = max(float(values.max()) for values in jacobian_values(sample))
    assert 0.0 < measured <= stated_bound(sample) * (1 + 1e-6)


def samples_of(kind: str) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.kind == kind]


# Reached by weights or inputs of their own, in tests of their own.
REACHED_ELSEWHERE = {
    "OrthoRNN": "test_the_constant_is_reached_and_never_exceeded",
    "Softmax": "test_softmax_reaches_one_half_and_not_more",
    "Activation": "test_the_steepest_slope_is_the_constant",
}


@pytest.mark.parametrize(
    "kind", [kind for kind, cls in LAYERS.items() if cls.facts.exact and kind not in REACHED_ELSEWHERE]
)
def test_a_constant_that_is_said_to_be_exact_is_reached(kind: str) -> None:
    shares = [
        float(values.max()) / stated_bound(sample)
        for sample in samples_of(kind)
        for values in jacobian_values(sample)
    ]
    assert max(shares) >= 1 - 1e-3


@pytest.mark.parametrize("kind", [kind for kind, cls in LAYERS.items() if cls.facts.gradient == "kept"])
def test_a_gradient_that_is_said_to_be_kept_is_kept(kind: str) -> None:
    sample = samples_of(kind)[0]
    for values in jacobian_values(sample):
        np.testing.assert_allclose(values, stated_bound(sample), rtol=1e-3)


def _is_alike(sample: Sample) -> bool:
    node = node_of(sample)
    return all(operation.is_alike for operation in node.spec.lower(*node.input_shapes))


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if _is_alike(sample)], ids=str)
def test_what_is_said_to_treat_channels_alike_commutes_with_their_order_and_adds_nothing(
    sample: Sample,
) -> None:
    layer, channels = layer_of(sample), int(sample.shape[-1] or 0)
    x = np.random.default_rng(0).normal(size=(2, *sample.shape)).astype(np.float32)
    order = np.roll(np.arange(channels), 1)

    def made(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(layer(x)).reshape(-1, channels)

    np.testing.assert_allclose(made(x[..., order]), made(x)[:, order], rtol=1e-6)
    np.testing.assert_array_equal(made(-2.0 * x), -2.0 * made(x))


@pytest.mark.parametrize("kind", LAYERS)
def test_what_the_table_says_of_a_layer_agrees_with_its_class(kind: str) -> None:
    facts = LAYERS[kind].facts
    own = getattr(lipschitz, kind, None)
    # What is not Keras's own says in whose place it stands, what it costs and where it is from.
    assert bool(facts.replaces) == bool(facts.cost) == (own is not None)
    for name in re.findall(r"[A-Z]\w+", facts.replaces):
        assert hasattr(keras.layers, name), name
    if own is None:
        return
    text = " ".join((inspect.getdoc(own) or "").split())
    assert not re.search(r"\d{4}", facts.paper) or "Reference" in text
    for name, year in re.findall(r"([A-Z]\w+)[^;\d]*(\d{4})", facts.paper):
        assert name in text, name
        assert year in text, year


@each_built
def test_a_config_is_built_trained_saved_and_loaded(sample: Sample, tmp_path: Path) -> None:
    network = trained(sample)
    assert network.graph.output_nodes[0].shape == tuple(network.model.output_shape[1:])
    assert network.graph.parameters == sum(int(np.prod(w.shape)) for w in network.model.trainable_weights)
    assert all(np.isfinite(np.asarray(w)).all() for w in network.model.weights)
    network.model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(network.inputs), network.model(network.inputs))


@each_built
def test_trained_weights_are_proved_to_keep_what_the_config_promised(sample: Sample) -> None:
    network = trained(sample)
    weights = weights_of(network.plain)
    proof = prove(network.plain, network.graph, weights)
    assert 0.0 < proof.bound <= network.graph.bound * (1 + 1e-6)
    # Each layer with a kernel has its norm, and keeps it.
    assert {norm.layer for norm in proof.norms} == {
        node.name for node in layers_with_kernels(network.graph, weights).values()
    }
    assert all(0.0 < norm.norm <= norm.allowed * (1 + 1e-6) for norm in proof.norms)
    check_promises(proof.norms)


@pytest.mark.parametrize("sample", [s for s in BUILT if s.kind in WITH_KERNELS], ids=str)
def test_weights_that_are_too_large_are_refused(sample: Sample) -> None:
    network = trained(sample)
    weights = weights_of(network.plain)
    for factor, message in ((4.0, "has a norm of up to .*, and its layer promises"), (np.nan, "not finite")):
        changed = {
            path: weights[path] * np.float32(factor) + np.float32(factor) for path in needed_weights(weights)
        }
        with pytest.raises(RefusedError, match=message):
            check_promises(prove(network.plain, network.graph, weights | changed).norms)


def test_a_layer_with_weights_has_a_kernel_or_needs_none() -> None:
    with_kernels = {
        sample.kind
        for sample in BUILT
        if layers_with_kernels(trained(sample).graph, weights_of(trained(sample).plain))
    }
    assert with_kernels == WITH_KERNELS


@each_built
def test_the_plain_form_is_served_without_lipbuild(sample: Sample, served: dict[Sample, float | str]) -> None:
    found = served[sample]
    assert isinstance(found, float), found
    assert found <= 1e-5


@pytest.mark.parametrize("form", ["model", "plain"])
@each_built
def test_the_plain_file_is_certified_alone(sample: Sample, form: str, tmp_path: Path) -> None:
    network, path = trained(sample), tmp_path / "model.keras"
    if form == "model":
        save_plain(network.model, path, "the model")
    else:
        network.plain.save(path)
    config, weights = read_archive(path)
    certificate = certify(config, weights)
    # What the file is read as is what Keras computes of it.
    outputs = forward(network_of(config, weights), network.inputs)
    served = keras.saving.load_model(path, compile=False)(network.inputs)
    np.testing.assert_allclose(outputs, served, rtol=1e-5, atol=2e-6)
    # And its constant is what the config promises, or less.
    constant = float.fromhex(certificate["predicate"]["lipschitz"])
    assert 0.0 < constant <= network.graph.bound * (1 + 1e-6)
    verdict = verify(path, json.loads(json.dumps(certificate)))
    assert verdict.holds, verdict.failures


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.refused], ids=str)
def test_a_refused_use_is_refused(sample: Sample) -> None:
    assert not checked(sample).ok
