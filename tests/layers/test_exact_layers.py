"""Layers whose constant holds for all weights, and those that are orthogonal as operators."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild.layers import (
    AOLConv2D,
    AOLDense,
    CPLConv2D,
    CPLDense,
    FrobeniusDense,
    LastLayerNormalized,
    OrthoConv2D,
    OrthoConv2DTranspose,
    OrthoDense,
    SLLConv2D,
    SLLDense,
    SpectralDense,
)
from lipbuild.losses import LogitAnnealing, OffsetCrossentropy
from lipbuild.utils import evaluate_lip_const
from tests.layers.spectral import operator_matrix, operator_norm, singular_values

HOSTILE = {
    "ones": np.ones,
    "zeros": np.zeros,
    "huge": lambda shape: 1e20 * np.random.default_rng(0).normal(size=shape),
    "tiny": lambda shape: 1e-15 * np.random.default_rng(0).normal(size=shape),
    "gaussian": lambda shape: np.random.default_rng(0).normal(size=shape),
    "nearly parallel": lambda shape: 1.0 + 1e-6 * np.random.default_rng(0).normal(size=shape),
}
LINEAR = {
    "AOLDense": (lambda: AOLDense(5, use_bias=False), (7,)),
    "AOLDense, wide": (lambda: AOLDense(7, use_bias=False), (5,)),
    "OrthoDense": (lambda: OrthoDense(5, use_bias=False), (8,)),
    "OrthoDense, wide": (lambda: OrthoDense(9, use_bias=False), (4,)),
    "AOLConv2D": (lambda: AOLConv2D(3, 3, use_bias=False), (6, 5, 2)),
    "AOLConv2D, strided": (lambda: AOLConv2D(2, (3, 4), strides=2, use_bias=False), (6, 5, 3)),
    "AOLConv2D, dilated": (lambda: AOLConv2D(3, 3, dilation_rate=2, use_bias=False), (6, 6, 2)),
}


@pytest.mark.parametrize("weights", HOSTILE)
@pytest.mark.parametrize("name", LINEAR)
def test_linear_layers_are_at_most_1_lipschitz_for_all_weights(name, weights):
    make, shape = LINEAR[name]
    layer = make()
    layer.build((None, *shape))
    layer.set_weights([HOSTILE[weights](w.shape).astype("float32") for w in layer.get_weights()])
    assert operator_norm(layer, shape) <= 1 + 1e-6


@pytest.mark.parametrize("weights", HOSTILE)
@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (SLLDense(6), (5,)),
        (SLLConv2D(3, 4), (5, 4, 2)),
        (CPLDense(6), (5,)),
        (CPLConv2D(3, 4), (5, 4, 2)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, keras.layers.Layer) else "",
)
def test_residual_blocks_are_at_most_1_lipschitz_for_all_weights(block, shape, weights):
    model = keras.Sequential([keras.Input(shape), type(block).from_config(block.get_config())])
    x = np.random.default_rng(1).normal(size=(8, *shape)).astype("float32")
    model.set_weights([HOSTILE[weights](w.shape).astype("float32") for w in model.get_weights()])
    assert evaluate_lip_const(model, x) <= 1 + 1e-5


def test_a_residual_block_with_scales_far_apart_is_1_lipschitz():
    model = keras.Sequential([keras.Input((5,)), SLLDense(6)])
    model.layers[0].scales.assign([-100.0, 100.0, 0.0, 80.0, 3.0, -3.0])
    assert evaluate_lip_const(model, np.random.default_rng(1).normal(size=(16, 5))) <= 1 + 1e-5


@pytest.mark.parametrize(("inputs", "units"), [(8, 8), (8, 5), (5, 9), (1, 1), (3, 1)])
def test_a_block_reflection_is_orthogonal_and_applied_as_its_explicit_kernel(inputs, units):
    layer = OrthoDense(units, use_bias=False)
    layer.build((None, inputs))
    values = singular_values(layer.kernel)
    assert values.min() >= 1 - 1e-3
    assert values.max() <= 1 + 1e-6
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    np.testing.assert_allclose(operator_matrix(layer, (inputs,)).T, kernel, atol=1e-5)


class Circular:
    """A convolution's kernel on an image that closes to a torus."""

    def __init__(self, layer: OrthoConv2D) -> None:
        self.layer = layer
        self.kernel = layer.kernel

    def __call__(self, x: np.ndarray) -> object:
        kh, kw = self.layer.kernel_size
        x = np.pad(x, ((0, 0), (0, kh - 1), (0, kw - 1), (0, 0)), mode="wrap")
        return keras.ops.conv(x, self.kernel, strides=self.layer.strides, padding="valid")


@pytest.mark.parametrize(
    ("channels", "filters", "size", "strides", "optimizer"),
    [
        (2, 4, 3, 1, "Adam 1e-2"),
        (2, 5, 3, 2, "Adam 1e-2"),
        (2, 4, 3, 1, "SGD 10"),
        (4, 2, 3, 1, "untrained"),
        (3, 3, (2, 5), 1, "untrained"),
        (1, 1, 3, 1, "untrained"),
        (2, 5, 3, 2, "untrained"),
        (3, 4, (4, 2), 2, "untrained"),
        (2, 3, 1, 1, "untrained"),
    ],
)
def test_an_orthogonal_convolution_has_all_singular_values_at_1_on_a_torus(
    channels, filters, size, strides, optimizer
):
    keras.utils.set_random_seed(0)
    layer = OrthoConv2D(filters, size, strides=strides, use_bias=False)
    model = keras.Sequential([keras.Input((6, 6, channels)), layer])
    if optimizer != "untrained":
        rate = {"Adam 1e-2": keras.optimizers.Adam(1e-2), "SGD 10": keras.optimizers.SGD(10.0)}[optimizer]
        model.compile(rate, "mse")
        rng = np.random.default_rng(0)
        x = rng.normal(size=(16, 6, 6, channels))
        model.fit(x, rng.normal(size=(16, *model.output_shape[1:])), batch_size=4, epochs=2, verbose=0)
        assert operator_norm(layer, (6, 6, channels)) <= 1 + 1e-6
        layer.condense()
    values = np.linalg.svd(operator_matrix(Circular(layer), (6, 6, channels)), compute_uv=False)
    assert values.max() <= 1 + 1e-6
    if optimizer != "SGD 10":  # which may leave nothing to orthogonalise
        assert values.min() >= 1 - 1e-3
    assert operator_norm(layer, (6, 6, channels)) <= 1 + 1e-6


@pytest.mark.parametrize("strides", [1, 2])
def test_an_orthogonal_convolution_with_groups_is_orthogonal_in_each(strides):
    layer = OrthoConv2D(6, (3, 2), strides=strides, groups=2, use_bias=False)
    layer.build((None, 6, 6, 4))
    matrix = operator_matrix(layer, (6, 6, 4)).T.reshape(6, 6, 2, 2, 6 // strides, 6 // strides, 2, 3)
    assert np.all(matrix[:, :, 0, :, :, :, 1] == 0)
    assert np.all(matrix[:, :, 1, :, :, :, 0] == 0)
    for group in range(2):
        one = OrthoConv2D(3, (3, 2), strides=strides, use_bias=False)
        one.build((None, 6, 6, 2))
        bases, patch = layer.get_weights()
        count = len(bases) // 2
        one.set_weights([bases[group * count : (group + 1) * count], patch[group : group + 1]])
        values = np.linalg.svd(operator_matrix(Circular(one), (6, 6, 2)), compute_uv=False)
        assert values.min() >= 1 - 1e-3
        assert values.max() <= 1 + 1e-6
        found = matrix[:, :, group, :, :, :, group].reshape(72, -1)
        np.testing.assert_allclose(found, operator_matrix(one, (6, 6, 2)).T, atol=1e-6)


@pytest.mark.parametrize("strides", [1, 2])
def test_a_transposed_orthogonal_convolution_is_the_adjoint_of_one(strides):
    layer = OrthoConv2DTranspose(3, 3, strides=strides, use_bias=False)
    layer.build((None, 3, 3, 4))
    forward = OrthoConv2D(4, 3, strides=strides, use_bias=False)
    forward.build((None, 3 * strides, 3 * strides, 3))
    forward.set_weights(layer.get_weights())
    found = operator_matrix(layer, (3, 3, 4))
    np.testing.assert_allclose(found, operator_matrix(forward, (3 * strides, 3 * strides, 3)).T, atol=1e-6)


def test_a_deep_orthogonal_network_keeps_its_gradients():
    keras.utils.set_random_seed(0)
    layers = [OrthoConv2D(4, 3, use_bias=False) for _ in range(6)]
    model = keras.Sequential([keras.Input((8, 8, 4)), *layers])
    values = np.linalg.svd(operator_matrix(lambda x: model(x), (8, 8, 4)), compute_uv=False)
    # Zero padding loses what is carried over the border, and nothing else.
    assert np.median(values) >= 0.5
    assert values.max() <= 1 + 1e-5


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="kernel_size"):
        OrthoConv2D(4, 2, strides=3)
    with pytest.raises(ValueError, match="padding='valid'"):
        OrthoConv2DTranspose(4, 3, padding="valid")
    with pytest.raises(ValueError, match="no groups"):
        OrthoConv2DTranspose(4, 3, groups=2)
    with pytest.raises(ValueError, match="divides filters"):
        OrthoConv2D(4, 3, groups=3)
    with pytest.raises(ValueError, match="3 channels"):
        OrthoConv2D(4, 3, groups=2).build((None, 5, 5, 3))
    with pytest.raises(ValueError, match="must be odd"):
        SLLConv2D(2)
    with pytest.raises(ValueError, match="hidden_units"):
        SLLDense(0)
    with pytest.raises(ValueError, match="disjoint"):
        LastLayerNormalized(3, disjoint_neurons=False)
    with pytest.raises(ValueError, match="not both"):
        OffsetCrossentropy(offset=1.0, target_radius=0.5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (OrthoConv2D(6, 3, kernel_initializer="identity"), (5, 5, 6)),
        (OrthoConv2D(6, 5, kernel_initializer="identity"), (5, 5, 6)),
        (SpectralDense(6, kernel_initializer="identity"), (6,)),
        (OrthoDense(6, rank=2, kernel_initializer="identity"), (6,)),
    ],
)
def test_a_square_layer_may_start_as_the_identity(layer, shape):
    x = np.random.default_rng(0).standard_normal((2, *shape)).astype("float32")
    signs = [-1, -1, 1, 1, 1, 1] if isinstance(layer, OrthoDense) else 1
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), signs * x, rtol=1e-4, atol=1e-6)


def test_the_normalized_head_is_a_frobenius_layer_with_disjoint_neurons():
    head = LastLayerNormalized(3)
    assert isinstance(head, FrobeniusDense)
    head.build((None, 4))
    np.testing.assert_allclose(np.linalg.norm(keras.ops.convert_to_numpy(head.kernel), axis=0), 1, rtol=1e-5)


def test_offset_and_annealing_follow_their_formulas():
    logits = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    labels = np.array([0, 1, 2, 3, 0, 1])
    shifted = (logits - 0.5 * np.eye(4)[labels]) / 0.25
    log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    ce = -log_p[np.arange(6), labels]
    for y in (labels, labels[:, None], np.eye(4)[labels]):
        assert float(OffsetCrossentropy(0.5)(y, logits)) == pytest.approx(0.25 * ce.mean(), rel=1e-5)
        annealed = (0.25 * (1 - np.exp(-ce)) ** 3 * ce).mean()
        assert float(LogitAnnealing(0.5, 0.25, 3.0)(y, logits)) == pytest.approx(annealed, rel=1e-4)
    radius = OffsetCrossentropy(target_radius=0.25, lip_const=2.0)
    assert radius.get_config()["offset"] == pytest.approx(2 * np.sqrt(2) * 0.25 * 2)
