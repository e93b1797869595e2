"""The conventions of padding, groups, dilation and divisors are Keras's, not only ours."""

import numpy as np
import pytest

from lipbuild.certifying.bounds import average_pooling, convolution, depthwise, max_pooling, transposed

keras = pytest.importorskip("keras")


def _matrix(layer, shape):
    """The matrix of the linear part of a layer, from its images of the unit vectors."""
    count = int(np.prod(shape))
    units = np.eye(count, dtype=np.float32).reshape(count, *shape)
    images = np.asarray(layer(units)).reshape(count, -1)
    return images - np.asarray(layer(np.zeros((1, *shape), np.float32))).reshape(1, -1)


def _assert_encloses(bound, layer, shape):
    exact = float(np.linalg.svd(_matrix(layer, shape).astype(np.float64), compute_uv=False)[0])
    assert bound.upper >= exact * (1 - 1e-6)
    assert bound.upper <= exact * (1 + 1e-5)
    assert bound.lower <= exact * (1 + 1e-6)


@pytest.mark.parametrize(
    ("strides", "padding", "dilation", "groups"),
    [
        (1, "same", 1, 1),
        (2, "same", 1, 1),
        (3, "same", 1, 1),
        (2, "valid", 1, 1),
        (1, "same", 2, 1),
        (1, "valid", 2, 2),
        (2, "same", 1, 2),
    ],
)
def test_a_convolution_layer_has_the_bound_of_its_kernel(strides, padding, dilation, groups):
    layer = keras.layers.Conv2D(
        4, 3, strides=strides, padding=padding, dilation_rate=dilation, groups=groups, bias_initializer="ones"
    )
    layer.build((None, 6, 7, 2))
    bound = convolution(
        np.asarray(layer.kernel),
        (6, 7),
        strides=strides,
        padding=padding,
        dilation_rate=dilation,
        groups=groups,
    )
    _assert_encloses(bound, layer, (6, 7, 2))


@pytest.mark.parametrize(("strides", "padding"), [(1, "causal"), (2, "causal"), (2, "same"), (2, "valid")])
def test_a_one_dimensional_convolution_layer_has_the_bound_of_its_kernel(strides, padding):
    layer = keras.layers.Conv1D(3, 4, strides=strides, padding=padding)
    layer.build((None, 9, 2))
    _assert_encloses(
        convolution(np.asarray(layer.kernel), (9,), strides=strides, padding=padding), layer, (9, 2)
    )


@pytest.mark.parametrize(("strides", "padding"), [(1, "same"), (2, "same"), (2, "valid")])
def test_a_depthwise_layer_has_the_bound_of_its_kernel(strides, padding):
    layer = keras.layers.DepthwiseConv2D(3, strides=strides, padding=padding, depth_multiplier=2)
    layer.build((None, 6, 6, 3))
    bound = depthwise(np.asarray(layer.kernel), (6, 6), strides=strides, padding=padding)
    _assert_encloses(bound, layer, (6, 6, 3))


@pytest.mark.parametrize(
    ("strides", "padding", "size"), [(1, "same", 3), (2, "same", 3), (2, "valid", 3), (3, "valid", 2)]
)
def test_a_transposed_layer_has_the_bound_of_its_kernel(strides, padding, size):
    layer = keras.layers.Conv2DTranspose(2, size, strides=strides, padding=padding)
    layer.build((None, 4, 4, 3))
    output = layer.compute_output_shape((None, 4, 4, 3))[1:3]
    bound = transposed(np.asarray(layer.kernel), output, strides=strides, padding=padding)
    _assert_encloses(bound, layer, (4, 4, 3))


@pytest.mark.parametrize(("size", "strides"), [(2, 2), (3, 2), (3, 1), (2, 3)])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_an_average_pooling_layer_has_its_bound(size, strides, padding):
    layer = keras.layers.AveragePooling2D(size, strides=strides, padding=padding)
    bound = average_pooling((size, size), (6, 7), strides=strides, padding=padding)
    _assert_encloses(bound, layer, (6, 7, 1))


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_max_pooling_of_a_layer_reaches_its_bound_on_a_peak(padding):
    layer = keras.layers.MaxPooling2D(3, strides=2, padding=padding)
    bound = max_pooling((3, 3), (7, 7), strides=2, padding=padding)
    gains = []
    for i in range(7):
        for j in range(7):
            x = np.zeros((1, 7, 7, 1), np.float32)
            x[0, i, j, 0] = 1.0
            gains.append(float(np.linalg.norm(np.asarray(layer(x)))))
    assert max(gains) == pytest.approx(bound.upper, rel=1e-6)
