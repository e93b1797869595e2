import math

import numpy as np
import pytest

from lipbuild.certifying.bounds import convolution, depthwise, transposed
from lipbuild.certifying.bounds.convolution import axes_of
from lipbuild.certifying.bounds.geometry import Axis
from lipbuild.certifying.bounds.largest_on_grid import largest_on_grid
from lipbuild.certifying.bounds.stencil import stencil_of
from lipbuild.certifying.bounds.symbol import frequencies, symbols
from tests.certifying.bounds.operators import convolution_matrix, norm, orthogonal_convolution

# sizes, inputs per group, outputs, spatial shape, strides, padding, dilation, groups
CASES = [
    ((3, 3), 2, 3, (6, 7), (1, 1), "same", (1, 1), 1),
    ((3, 3), 2, 3, (6, 7), (1, 1), "valid", (1, 1), 1),
    ((3, 3), 3, 2, (7, 6), (2, 2), "same", (1, 1), 1),
    ((3, 2), 2, 2, (8, 7), (2, 3), "same", (1, 1), 1),
    ((3, 2), 2, 2, (8, 7), (2, 3), "valid", (1, 1), 1),
    ((4, 4), 1, 2, (8, 8), (4, 4), "valid", (1, 1), 1),
    ((2, 2), 2, 3, (7, 7), (3, 3), "valid", (1, 1), 1),
    ((3, 3), 2, 2, (9, 8), (1, 1), "same", (2, 2), 1),
    ((3, 3), 2, 2, (9, 8), (1, 1), "valid", (2, 3), 1),
    ((3, 3), 2, 6, (6, 5), (1, 1), "same", (1, 1), 3),
    ((3, 3), 1, 4, (6, 5), (2, 1), "same", (1, 1), 4),
    ((5, 5), 2, 2, (3, 3), (1, 1), "same", (1, 1), 1),
    ((1, 1), 4, 3, (3, 3), (1, 1), "same", (1, 1), 1),
    ((3,), 3, 4, (11,), (1,), "same", (1,), 1),
    ((4,), 3, 2, (11,), (2,), "causal", (1,), 1),
    ((3,), 2, 2, (11,), (1,), "causal", (3,), 1),
    ((5,), 2, 2, (13,), (3,), "valid", (2,), 1),
    ((2, 2, 2), 1, 2, (3, 4, 3), (1, 1, 1), "same", (1, 1, 1), 1),
]


def _kernel(sizes, inputs, outputs, seed=0):
    return np.random.default_rng(seed).standard_normal((*sizes, inputs, outputs)).astype(np.float32)


@pytest.mark.parametrize("explicit_order", [0, 1024], ids=["frequencies", "explicit"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_norm_of_the_operator_lies_between_the_bounds(case, explicit_order):
    sizes, inputs, outputs, shape, strides, padding, dilation, groups = case
    kernel = _kernel(sizes, inputs, outputs)
    exact = norm(convolution_matrix(kernel.astype(np.float64), shape, strides, padding, dilation, groups))
    bound = convolution(
        kernel,
        shape,
        strides=strides,
        padding=padding,
        dilation_rate=dilation,
        groups=groups,
        explicit_order=explicit_order,
    )
    assert bound.lower <= exact * (1 + 1e-13)
    assert bound.upper >= exact * (1 - 1e-13)
    if explicit_order:
        assert bound.excess <= 1e-11


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_bound_for_any_size_holds_for_each_size(case):
    sizes, inputs, outputs, shape, strides, padding, dilation, groups = case
    kernel = _kernel(sizes, inputs, outputs, seed=1)
    bound = convolution(kernel, None, strides=strides, padding=padding, dilation_rate=dilation, groups=groups)
    for extra in (0, 1, 3):
        larger = tuple(n + extra for n in shape)
        if math.prod(larger) * max(inputs * groups, outputs) < 400:
            exact = norm(
                convolution_matrix(kernel.astype(np.float64), larger, strides, padding, dilation, groups)
            )
            assert bound.upper >= exact * (1 - 1e-13)
    assert bound.excess <= 0.05


def test_the_norm_of_a_box_filter_is_found():
    # On a circle, and in the limit of large inputs, a box filter has the norm of its constant eigenvector: 9.
    bound = convolution(np.ones((3, 3, 1, 1), np.float32), (40, 40), padding="same")
    assert 8.9 < bound.lower <= bound.upper <= 9.0 * (1 + 1e-12)


@pytest.mark.parametrize("strides", [1, 2])
def test_orthogonal_convolutions_are_bounded_within_a_millionth(strides):
    kernel = orthogonal_convolution(16, 3)
    bound = convolution(kernel, (32, 32), strides=strides, padding="same")
    assert bound.upper <= 1.0 + 1e-6
    assert bound.excess <= 1e-6


def test_orthogonal_convolutions_are_bounded_within_a_millionth_at_any_size():
    bound = convolution(orthogonal_convolution(8, 5), None, padding="same")
    assert bound.upper <= 1.0 + 1e-6
    assert bound.excess <= 1e-6


@pytest.mark.parametrize("scale", [1e-38, 1e-42, 1e29])
def test_bounds_follow_the_scale_of_the_kernel(scale):
    kernel = (_kernel((3, 3), 2, 2) * scale).astype(np.float32)
    exact = (
        norm(convolution_matrix(kernel.astype(np.float64) / scale, (5, 5), (1, 1), "same", (1, 1), 1)) * scale
    )
    for order in (0, 1024):
        bound = convolution(kernel, (5, 5), padding="same", explicit_order=order)
        assert bound.lower <= exact * (1 + 1e-12)
        assert bound.upper >= exact * (1 - 1e-12)


def test_a_zero_kernel_has_the_constant_zero():
    assert convolution(np.zeros((3, 3, 2, 2), np.float32), (8, 8)).upper == 0.0


def test_a_depthwise_convolution_is_its_worst_channel():
    kernel = _kernel((3, 3), 4, 2)
    bound = depthwise(kernel, (6, 6), padding="same")
    single = [
        convolution(kernel[:, :, c : c + 1], (6, 6), padding="same").upper for c in range(kernel.shape[2])
    ]
    assert bound.upper == pytest.approx(max(single), rel=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_transposed_convolution_has_the_norm_of_its_adjoint(padding):
    kernel = _kernel((3, 3), 2, 3)
    exact = norm(convolution_matrix(kernel.astype(np.float64), (8, 8), (2, 2), padding, (1, 1), 1).T)
    bound = transposed(kernel, (8, 8), strides=2, padding=padding)
    assert exact * (1 - 1e-13) <= bound.upper <= exact * (1 + 1e-11)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"padding": "reflect"}, "unknown padding"),
        ({"strides": 0}, "positive"),
        ({"strides": (1, 1, 1)}, "3 numbers for 2 axes"),
        ({"groups": 4}, "groups"),
    ],
)
def test_what_is_not_a_convolution_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        convolution(_kernel((3, 3), 2, 3), (8, 8), **arguments)


def test_a_kernel_longer_than_a_valid_input_is_refused():
    with pytest.raises(ValueError, match="valid input"):
        convolution(_kernel((5, 5), 1, 1), (4, 8))


def test_a_kernel_that_is_not_finite_is_refused():
    kernel = _kernel((3, 3), 1, 1)
    kernel[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        convolution(kernel, (8, 8))


@pytest.mark.parametrize(("padding", "period"), [("same", 9), ("valid", 8)])
def test_the_grid_is_as_small_as_no_wrapping_allows(padding, period):
    assert Axis(3, 1, 1, padding, 8).period == period


@pytest.mark.parametrize("case", [*CASES, ((3, 3), 12, 20, (9, 9), (1, 1), "same", (1, 1), 1)], ids=str)
@pytest.mark.parametrize("twist", [0, 1])
def test_the_largest_value_on_a_grid_is_found(case, twist):
    sizes, inputs, outputs, shape, strides, padding, dilation, groups = case
    kernel = _kernel(sizes, inputs, outputs)
    stencil = stencil_of(kernel, axes_of(kernel.shape, shape, strides, padding, dilation), groups)
    at = frequencies([axis.period for axis in stencil.axes], [twist] * len(sizes))
    largest = np.linalg.svd(symbols(stencil, at), compute_uv=False).max()
    assert largest_on_grid(stencil, at) == pytest.approx(largest**2, rel=1e-12)
