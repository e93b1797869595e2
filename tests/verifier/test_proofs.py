"""The verifier's proofs of norms, against norms that are decided exactly in integers."""

import math
import sys

import numpy as np
import pytest

from lipbuild.certifying.bounds import convolution, dense
from lipbuild.verifier.convolutions import convolution_at_most
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exact import exactly_at_most
from lipbuild.verifier.floats import check_arithmetic, gamma, norm, norms
from lipbuild.verifier.geometry import adjoint_convolved, axis_of, convolved
from lipbuild.verifier.proofs import norm_at_most
from tests.certifying.bounds.operators import convolution_matrix, orthogonal_convolution
from tests.certifying.bounds.oracle import norm_at_most as truly_at_most
from tests.certifying.bounds.samples import random_convolution, random_matrix
from tests.verifier.sample_axes import axes_of

FACTORS = [1 + sign * 10.0**-k for k in (3, 6, 9, 12, 13, 14, 15) for sign in (-1, 1)] + [1.0]


def _finite(value):
    return 1e-290 < value < 1e290


@pytest.mark.parametrize("seed", range(12))
def test_what_is_stated_of_a_matrix_is_proved_and_nothing_less_than_its_norm(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        kind, weights = random_matrix(rng)
        matrix = weights.astype(np.float64)
        stated = dense(weights).stated
        assert norm_at_most(matrix[None], stated), (kind, matrix)
        for factor in FACTORS:
            bound = stated * factor
            if _finite(bound) and norm_at_most(matrix[None], bound):
                assert truly_at_most(matrix, bound), (kind, factor, matrix)


@pytest.mark.parametrize("shape", [(300, 40), (40, 300), (128, 128)])
@pytest.mark.parametrize("orthogonal", [True, False])
def test_larger_matrices_are_proved_within_a_billionth(shape, orthogonal):
    matrix = np.random.default_rng(0).standard_normal(shape)
    if orthogonal:
        matrix = np.linalg.qr(matrix if shape[0] >= shape[1] else matrix.T)[0]
    matrix = matrix.astype(np.float32).astype(np.float64)
    true = float(np.linalg.svd(matrix, compute_uv=False)[0])
    assert norm_at_most(matrix[None], dense(matrix).stated)
    assert dense(matrix).stated <= true * (1 + 1e-10)
    assert not norm_at_most(matrix[None], true * (1 - 1e-13))


def test_the_largest_of_a_stack_counts():
    stack = np.stack([np.eye(3), 2.0 * np.eye(3)])
    assert norm_at_most(stack, 2.0 * (1 + 1e-12))
    assert not norm_at_most(stack, 1.5)


@pytest.mark.parametrize(
    ("matrix", "bound", "expected"),
    [
        (np.zeros((2, 2)), 0.0, True),
        (np.zeros((2, 2)), -1.0, False),
        (np.eye(2), math.nan, False),
        (np.eye(2), math.inf, False),
        (np.array([[math.inf]]), 1e300, False),
        (np.array([[math.nan]]), 1e300, False),
        (np.eye(2), 0.0, False),
        (np.eye(2), 1e300, True),
        (np.full((2, 2), 1e-310), 1e308, True),
        (np.full((2, 2), 1e-310), 1e-309, True),
        (np.full((2, 2), 1e-310), 1e-310, False),
    ],
)
def test_bounds_at_the_ends_of_float64(matrix, bound, expected):
    assert norm_at_most(matrix[None], bound) is expected


def _matrix(sample, kernel):
    return convolution_matrix(
        kernel,
        sample["input_shape"],
        sample["strides"],
        sample["padding"],
        sample["dilation_rate"],
        sample["groups"],
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("order", [0, 1024], ids=["rules", "explicit"])
def test_what_is_stated_of_a_convolution_is_proved_and_nothing_less_than_its_norm(seed, order):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        sample = random_convolution(rng)
        bound = convolution(**sample, explicit_order=order)
        kernel, axes, groups = sample["kernel"].astype(np.float64), axes_of(sample), sample["groups"]
        stated = bound.stated
        assert convolution_at_most(kernel, axes, groups, stated, {"rule": bound.method, **bound.hint}), bound
        matrix = _matrix(sample, kernel)
        hints = {
            "grid": [a.outputs + a.extent + a.left for a in axes],
            "twist": [int(v) for v in rng.integers(0, 2, len(axes))],
        }
        for rule in ("explicit", "patches", "lags", "schur", "frequencies"):
            for factor in (0.5, 0.9, 1 - 1e-6, 1 - 1e-12, 1 + 1e-9, 1.5):
                tried = max(stated, 1e-300) * factor
                if _finite(tried) and convolution_at_most(
                    kernel, axes, groups, tried, {"rule": rule, **hints}
                ):
                    assert truly_at_most(matrix, tried), (rule, factor, sample)


def test_each_rule_proves_something():
    rng = np.random.default_rng(0)
    kernel = rng.standard_normal((3, 3, 2, 3))
    axes = [axis_of("a", 3, 1, 1, "same", 6) for _ in range(2)]
    true = float(
        np.linalg.svd(convolution_matrix(kernel, (6, 6), (1, 1), "same", (1, 1), 1), compute_uv=False)[0]
    )
    hints = {"grid": [8, 8], "twist": [1, 0]}
    for rule, loss in (
        ("explicit", 1 + 1e-9),
        ("frequencies", 1.2),
        ("patches", 2.0),
        ("lags", 2.0),
        ("schur", 2.5),
    ):
        assert convolution_at_most(kernel, axes, 1, true * loss, {"rule": rule, **hints}), rule
        assert not convolution_at_most(kernel, axes, 1, true * 0.999, {"rule": rule, **hints}), rule


@pytest.mark.parametrize("proves", [convolution_at_most, exactly_at_most], ids=["floats", "integers"])
def test_no_rule_proves_half_a_norm_or_nothing(proves):
    if proves is exactly_at_most:
        pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    kernel = np.random.default_rng(0).integers(-9, 9, (3, 3, 2, 2)).astype(np.float64)
    axes = [axis_of("a", 3, 1, 1, "same", 4) for _ in range(2)]
    true = float(
        np.linalg.svd(convolution_matrix(kernel, (4, 4), (1, 1), "same", (1, 1), 1), compute_uv=False)[0]
    )
    for rule in ("explicit", "patches", "lags", "schur", "frequencies", "closed form"):
        for grid in ([6, 6], [5, 5]):
            proof = {"rule": rule, "grid": grid, "twist": [0, 0]}
            assert not proves(kernel, axes, 1, 0.5 * true, proof), rule
            assert not proves(kernel, axes, 1, 0.0, proof), rule
    # On a circle that is too small, everything wraps around.
    with pytest.raises(RefusedError, match="too few points"):
        proves(kernel, axes, 1, 9.0 * true, {"rule": "frequencies", "grid": [2, 2], "twist": [0, 0]})
    for rule in ("frequencies", "closed form"):
        assert proves(0.0 * kernel, axes, 1, 0.0, {"rule": rule, "grid": [6, 6], "twist": [0, 0]})


@pytest.mark.parametrize("proves", [convolution_at_most, exactly_at_most], ids=["floats", "integers"])
def test_a_wrong_factor_proves_nothing(monkeypatch, proves):
    if proves is exactly_at_most:
        pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    kernel = np.eye(4)[None]
    axes = [axis_of("a", 1, 1, 1, "same", 9)]
    assert proves(kernel, axes, 1, 1.0 + 1e-9, {"rule": "patches"})
    monkeypatch.setattr(np.linalg, "cholesky", lambda matrix: 0.9 * np.broadcast_to(np.eye(4), matrix.shape))
    assert not proves(kernel, axes, 1, 0.5, {"rule": "patches"})
    assert not proves(kernel, axes, 1, 1.0 + 1e-9, {"rule": "patches"})


def test_a_factor_of_no_numbers_proves_nothing(monkeypatch):
    monkeypatch.setattr(np.linalg, "cholesky", lambda matrix: np.full_like(matrix, np.nan))
    assert not norm_at_most(np.eye(4)[None], 2.0)


def test_a_grid_that_takes_hours_is_refused():
    kernel = np.ones((3, 3, 512, 512))
    axes = [axis_of("a", 3, 1, 1, "same", 280) for _ in range(2)]
    proof = {"rule": "frequencies", "grid": [300, 300], "twist": [0, 0]}
    with pytest.raises(RefusedError, match="too large"):
        convolution_at_most(kernel, axes, 1, 1e9, proof)


@pytest.mark.parametrize("strides", [1, 2])
def test_an_orthogonal_convolution_is_proved_by_its_lags(strides):
    kernel = orthogonal_convolution(16, 3).astype(np.float64)
    bound = convolution(kernel, (32, 32), strides=strides, padding="same")
    axes = [axis_of("a", 3, strides, 1, "same", 32) for _ in range(2)]
    assert bound.upper <= 1.0 + 1e-6
    assert convolution_at_most(kernel, axes, 1, bound.stated, {"rule": bound.method, **bound.hint})
    assert not convolution_at_most(kernel, axes, 1, 0.9, {"rule": bound.method, **bound.hint})


@pytest.mark.parametrize("seed", range(6))
def test_proofs_in_integers_are_those_in_floats_and_tighter(seed):
    pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    rng = np.random.default_rng(seed)
    for _ in range(4):
        _, weights = random_matrix(rng)
        matrix = weights.astype(np.float64)
        stated = dense(weights).stated
        assert exactly_at_most(matrix, (), 1, stated, {"rule": "cholesky"})
        for factor in FACTORS:
            if exactly_at_most(matrix, (), 1, stated * factor, {"rule": "cholesky"}):
                assert truly_at_most(matrix, stated * factor)
        sample = random_convolution(rng)
        kernel, axes, groups = sample["kernel"].astype(np.float64), axes_of(sample), sample["groups"]
        true = _matrix(sample, kernel)
        for order in (0, 1024):
            bound = convolution(**sample, explicit_order=order)
            proof = {"rule": bound.method, **bound.hint}
            assert exactly_at_most(kernel, axes, groups, bound.stated, proof), bound
            for factor in (0.5, 0.9, 1 - 1e-9):
                if exactly_at_most(kernel, axes, groups, bound.stated * factor, proof):
                    assert truly_at_most(true, bound.stated * factor), bound


def test_proofs_in_integers_need_flint(monkeypatch):
    from lipbuild.verifier import UnreadableError

    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(UnreadableError, match="python-flint"):
        exactly_at_most(np.eye(2), (), 1, 2.0, {"rule": "cholesky"})


@pytest.mark.parametrize("seed", range(8))
def test_a_convolution_and_its_adjoint_are_those_of_the_matrix(seed):
    rng = np.random.default_rng(seed)
    sample = random_convolution(rng)
    kernel, axes = rng.standard_normal(sample["kernel"].shape), axes_of(sample)
    matrix = _matrix(sample, kernel)
    x = rng.standard_normal((3, *sample["input_shape"], kernel.shape[-2] * sample["groups"]))
    y = convolved(x, kernel, axes, sample["groups"])
    np.testing.assert_allclose(y.reshape(3, -1), x.reshape(3, -1) @ matrix, atol=1e-12)
    if sample["groups"] == 1:
        z = rng.standard_normal(y.shape)
        back = adjoint_convolved(z, kernel, axes)
        np.testing.assert_allclose(back.reshape(3, -1), z.reshape(3, -1) @ matrix.T, atol=1e-12)


def test_norms_are_bounded_from_above():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 40, 3)) * 10.0 ** rng.uniform(-300, 300, (5, 1, 1))
    true = np.array(
        [
            math.sqrt(math.fsum((v / m) ** 2 for v in row.ravel())) * m
            for row, m in zip(x, np.abs(x).max(axis=(1, 2)))
        ]
    )
    assert (norms(x) >= true).all()
    assert (norms(x) <= true * (1 + 1e-8)).all()
    assert norm(np.zeros((0, 3))) < 1e-200
    assert norm(np.array(3.0)) >= 3.0


def test_too_many_roundings_have_no_bound():
    assert gamma(2.0**53) == math.inf
    assert 2 * 2.0**-53 <= gamma(2) <= 3 * 2.0**-53


def test_the_arithmetic_is_checked(monkeypatch):
    check_arithmetic()
    monkeypatch.setattr("lipbuild.verifier.floats.U", 2.0**-52)
    with pytest.raises(ArithmeticError):
        check_arithmetic()


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_a_grid_of_fewer_points_than_an_axis_needs_bounds_what_lies_between(monkeypatch, stride, dilation):
    # The package has a function of the module's name.
    monkeypatch.setattr(sys.modules[convolution.__module__], "_GRID_BUDGET", 0.0)
    size = 5 if stride == 2 else 3
    sample = {
        "kernel": np.random.default_rng(stride).standard_normal((size, 3, 2, 2)).astype(np.float32),
        "input_shape": (15 * stride, 14),
        "strides": (stride, 1),
        "padding": "same",
        "dilation_rate": (dilation, 1),
    }
    kernel = sample["kernel"].astype(np.float64)
    true = float(np.linalg.norm(convolution_matrix(kernel, *list(sample.values())[1:], 1), 2))
    bound = convolution(**sample, explicit_order=0, enough=1.15 * true)
    grid = bound.hint["grid"]
    assert bound.method == "frequencies"
    assert not all(axis.fits(n) for axis, n in zip(axes_of(sample), grid, strict=True))
    assert true < bound.upper < 1.15 * true
    proof = {"rule": bound.method, **bound.hint}
    assert convolution_at_most(kernel, axes_of(sample), 1, bound.stated, proof)
    # The norm at the frequencies of the grid alone is less than that of the operator may be.
    assert not convolution_at_most(kernel, axes_of(sample), 1, true, proof)
    with pytest.raises(RefusedError, match="too few points"):
        convolution_at_most(
            kernel, axes_of(sample), 1, bound.stated, proof | {"grid": [4 * dilation, grid[1]]}
        )


def test_a_coarse_grid_is_proved_in_integers_too():
    pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    kernel = np.random.default_rng(0).standard_normal((3, 1, 1)).round(3)
    axes, proof = [axis_of("a", 3, 1, 1, "same", 40)], {"rule": "frequencies", "grid": [12], "twist": [0]}
    least = next(c for c in np.linspace(0.5, 6.0, 200) if convolution_at_most(kernel, axes, 1, c, proof))
    assert exactly_at_most(kernel, axes, 1, least * (1 + 1e-9), proof)
    assert not exactly_at_most(kernel, axes, 1, least - 0.06, proof)
