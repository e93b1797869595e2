"""Kernels that layers compute from their weights: the balls hold the exact ones, which are the layers' own."""

import numpy as np
import pytest

from lipbuild.certify.bounds.balls import Balls
from lipbuild.certify.computed.computed_kernel import ComputedKernel
from lipbuild.certify.computed.orthogonal_convolution import orthogonal_convolution_kernel
from lipbuild.certify.computed.orthogonal_dense import orthogonal_dense_kernel
from lipbuild.certify.computed.rescaled import rescaled_kernel
from lipbuild.certify.computed.residual import residual_kernels

flint = pytest.importorskip("flint", reason="python-flint, an extra, is not installed")

SAFETY = 1.0 - 2.0**-19


@pytest.fixture(autouse=True)
def _precision():
    before = flint.ctx.prec
    flint.ctx.prec = 300
    yield
    flint.ctx.prec = before


def _weights(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def _exact(values):
    """An object array of arbs."""
    return np.array([flint.arb(float(v)) for v in np.ravel(values)], dtype=object).reshape(np.shape(values))


def _holds(balls, exact):
    for middle, radius, value in zip(balls.middle.ravel(), balls.radius.ravel(), exact.ravel(), strict=True):
        assert abs(value - float(middle)) <= float(radius)
    assert float(balls.radius.max()) <= 1e-12 * max(float(np.abs(balls.middle).max()), 1e-30)


def test_arithmetic_in_balls_holds_the_exact_results():
    rng = np.random.default_rng(1)
    x = Balls(rng.standard_normal((4, 5)), np.abs(rng.standard_normal((4, 5))) * 1e-9)
    y = Balls(rng.standard_normal((4, 5)) + 5.0, np.abs(rng.standard_normal((4, 5))) * 1e-9)
    # The true numbers are anywhere in their balls.
    a, b = (_exact(z.middle) + _exact(z.radius) * 0.99 for z in (x, y))
    for result, true in (
        (x + y, a + b),
        (x - y, a - b),
        (x * y, a * b),
        (x @ y.transposed, a @ b.T),
        (abs(x), np.abs(a)),
        (x.summed(0), a.sum(axis=0)),
        (y.inverse(), 1 / b),
        (y.root(), np.vectorize(lambda v: v.sqrt())(b)),
    ):
        for middle, radius, value in zip(
            result.middle.ravel(), result.radius.ravel(), true.ravel(), strict=True
        ):
            assert abs(value - float(middle)) <= float(radius) <= 1e-7


def test_a_ball_that_reaches_zero_has_no_inverse():
    with pytest.raises(ValueError, match="may be 0"):
        Balls(np.ones(1), np.ones(1)).inverse()


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e20])
def test_a_rescaled_matrix_is_the_exact_one(shape, scale):
    w = (_weights(*shape) * scale).astype(np.float32)
    w[:, 0] = 0.0 if shape[0] >= shape[1] else w[:, 0]
    exact = _exact(w)
    tall = exact if shape[0] >= shape[1] else exact.T
    sums = np.abs(tall.T @ tall).sum(axis=1)
    zero = flint.arb(0)
    scales = np.array([SAFETY / v.sqrt() if v > 0 else zero for v in sums], dtype=object)
    true = exact * scales if shape[0] >= shape[1] else exact * scales[:, None]
    _holds(rescaled_kernel(w), true)


@pytest.mark.parametrize("shape", [(3, 3, 2, 3), (3, 2, 4, 2), (1, 3, 2, 2)])
def test_a_rescaled_convolution_is_the_layers_own(shape):
    from lipbuild.layers import AOLConv2D

    w = _weights(*shape)
    layer = AOLConv2D(shape[-1], shape[:2], use_bias=False)
    layer.build((None, 6, 6, shape[2]))
    layer.set_weights([w])
    np.testing.assert_allclose(rescaled_kernel(w).middle, layer.effective_kernel(), atol=1e-6)


@pytest.mark.parametrize(("inputs", "units"), [(4, 6), (6, 4), (5, 5)])
def test_a_reflection_is_the_exact_one(inputs, units):
    v = _weights(max(inputs, units), 2)
    kernel = orthogonal_dense_kernel(v, inputs, units, 0.5)
    exact = _exact(v)
    gram = exact.T @ exact
    ridge = flint.arb(1e-6) * (gram[0, 0] + gram[1, 1]) / 2
    shifted = flint.arb_mat([[gram[i, j] + (ridge if i == j else 0) for j in range(2)] for i in range(2)])
    inverse = np.array(shifted.inv().tolist(), dtype=object)
    projection = exact @ inverse @ exact.T
    true = (_exact(np.eye(len(v))) - projection * (2 * SAFETY**2)) * (0.5 * SAFETY)
    off = sum(
        (a - float(b)) ** 2 for a, b in zip(true[:inputs, :units].ravel(), kernel.kernel.ravel(), strict=True)
    )
    assert off.sqrt() <= kernel.error <= 1e-12


def test_a_reflection_is_the_layers_own():
    from lipbuild.layers import OrthoDense

    layer = OrthoDense(7, use_bias=False, k_coef_lip=0.5)
    layer.build((None, 12))
    kernel = orthogonal_dense_kernel(np.asarray(layer.vectors), 12, 7, 0.5)
    np.testing.assert_allclose(kernel.kernel, 0.5 * np.asarray(layer.effective_kernel()), atol=1e-6)
    # A factor of a power of two changes nothing.
    again = orthogonal_dense_kernel(np.asarray(layer.vectors) * np.float32(2.0**60), 12, 7, 0.5)
    np.testing.assert_array_equal(again.kernel, kernel.kernel)


def test_a_reflection_of_nothing_is_refused():
    with pytest.raises(ValueError, match="zero"):
        orthogonal_dense_kernel(np.zeros((4, 2), np.float32), 4, 4, 1.0)


@pytest.mark.parametrize(
    ("filters", "size", "strides", "channels", "groups"),
    [
        (4, (3, 3), (1, 1), 2, 1),
        (3, (4, 2), (2, 2), 4, 1),
        (2, (2, 2), (2, 2), 3, 1),
        (6, (3, 2), (1, 1), 4, 2),
        (4, (2, 2), (2, 2), 4, 4),
    ],
)
def test_an_orthogonal_convolution_is_the_layers_own(filters, size, strides, channels, groups):
    from lipbuild.layers import OrthoConv2D

    layer = OrthoConv2D(filters, size, strides=strides, groups=groups, use_bias=False)
    layer.build((None, 8, 8, channels))
    weights = [np.asarray(w) for w in layer.weights]
    bases = weights[0] if len(weights) == 2 else None
    balls = orthogonal_convolution_kernel(weights[-1], bases, size, strides, groups)
    np.testing.assert_allclose(balls.middle, layer.effective_kernel(), atol=1e-6)
    kernel = ComputedKernel.of(balls)
    assert 0.0 < kernel.error < 1e-12


def test_a_two_tap_factor_is_the_exact_one():
    bases, patch = _weights(1, 3, 2) * np.float32(0.3), _weights(1, 3, 3)
    p = _exact(bases[0]) @ _exact(bases[0]).T
    identity = _exact(np.eye(3))
    true = np.stack([p @ _exact(patch[0]), (identity - p) @ _exact(patch[0])])[:, None] * flint.arb(SAFETY)
    _holds(orthogonal_convolution_kernel(patch, bases, (2, 1), (1, 1)), true)


@pytest.mark.parametrize("scale", [0.3, 30.0])
def test_the_kernels_of_a_residual_block_are_the_exact_ones(scale):
    w, theta = _weights(4, 5) * np.float32(scale), np.array([0.0, -1.5, 2.0, -30.0, 0.25], np.float32)
    w[:, 2] = 0.0
    exact = _exact(w) / max(float(np.abs(w).max()), 1.0)
    q = np.array([flint.arb(max(float(t) - 2.0, -20.0)).exp() for t in theta], dtype=object)
    sums = np.abs(exact.T @ exact) @ q
    factors = np.array(
        [2 * SAFETY * qi / s if s > 0 else flint.arb(0) for qi, s in zip(q, sums)], dtype=object
    )
    into, back = residual_kernels(w, theta)
    _holds(back, exact * factors)
    if scale > 1.0:
        _holds(into, exact)
    else:
        np.testing.assert_array_equal(into.middle, w)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: orthogonal_convolution_kernel(_weights(2, 3, 3), None, (1, 1), (1, 1)), "patch matrix"),
        (
            lambda: orthogonal_convolution_kernel(_weights(1, 3, 3), _weights(1, 4, 2), (2, 1), (1, 1)),
            "bases",
        ),
        (lambda: residual_kernels(_weights(3, 4), _weights(3)), "scales"),
        (lambda: rescaled_kernel(np.full((2, 2), np.nan, np.float32)), "NaN"),
    ],
)
def test_weights_that_do_not_fit_are_refused(compute, message):
    with pytest.raises(ValueError, match=message):
        compute()
