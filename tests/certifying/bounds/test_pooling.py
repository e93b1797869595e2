import math

import numpy as np
import pytest

from lipbuild.certifying.bounds import average_pooling, global_average_pooling, max_pooling
from tests.certifying.bounds.operators import norm


def _average_matrix(size, stride, padding, length):
    """One axis of TensorFlow's average pooling: the divisor counts the inputs, not the padding."""
    outputs = (length - size) // stride + 1 if padding == "valid" else -(-length // stride)
    left = 0 if padding == "valid" else max((outputs - 1) * stride + size - length, 0) // 2
    matrix = np.zeros((outputs, length))
    for j in range(outputs):
        inside = [i for i in range(j * stride - left, j * stride - left + size) if 0 <= i < length]
        matrix[j, inside] = 1.0 / len(inside)
    return matrix


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("size", "stride", "length"),
    [(2, 2, 8), (2, 2, 7), (3, 2, 9), (3, 1, 6), (2, 3, 8), (5, 2, 5), (3, 3, 4)],
)
def test_average_pooling_has_the_norm_of_its_matrix(size, stride, length, padding):
    axis = _average_matrix(size, stride, padding, length)
    exact = norm(np.kron(axis, axis))
    bound = average_pooling((size, size), (length, length), strides=stride, padding=padding)
    assert bound.lower <= exact * (1 + 1e-14)
    assert exact * (1 - 1e-14) <= bound.upper <= exact * (1 + 1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3), (5, 2)])
def test_average_pooling_of_an_unknown_size_is_bounded(size, stride, padding):
    bound = average_pooling((size,), None, strides=stride, padding=padding)
    for length in range(size if padding == "valid" else 1, 30):
        assert bound.upper >= norm(_average_matrix(size, stride, padding, length)) * (1 - 1e-14)


def test_average_pooling_without_overlap_is_exact():
    bound = average_pooling((2, 2), None)
    assert bound.upper == pytest.approx(0.5, rel=1e-15)
    assert average_pooling((2, 2), (8, 8)).upper == pytest.approx(0.5, rel=1e-15)


def test_padding_left_out_of_the_divisor_can_exceed_the_plain_constant():
    # One input in the last window, which counts it with the weight 1.
    assert average_pooling((2,), (3,), padding="same").upper == 1.0


@pytest.mark.parametrize(
    ("size", "stride", "expected"),
    [((2, 2), (2, 2), 1.0), ((3, 3), (2, 2), 2.0), ((3, 3), (1, 1), 3.0), ((3, 2), (2, 3), math.sqrt(2.0))],
)
def test_max_pooling_counts_the_windows_that_share_an_input(size, stride, expected):
    assert max_pooling(size, None, strides=stride).upper == pytest.approx(expected, rel=1e-15)
    assert max_pooling(size, (16, 16), strides=stride).upper == pytest.approx(expected, rel=1e-15)


def test_max_pooling_with_a_single_window_has_the_constant_one():
    assert max_pooling((4,), (4,), strides=1).upper == 1.0


def test_max_pooling_attains_its_constant():
    # A single large input is copied to all the windows that hold it.
    x = np.zeros(9)
    x[4] = 1.0
    pooled = np.array([x[j : j + 3].max() for j in range(7)])
    assert float(np.linalg.norm(pooled)) <= max_pooling((3,), (9,), strides=1).upper
    assert float(np.linalg.norm(pooled)) == pytest.approx(math.sqrt(3.0))


def test_global_average_pooling_divides_by_the_root_of_the_positions():
    assert global_average_pooling((4, 4)).upper == 0.25
    assert global_average_pooling((3, 5)).upper >= 1 / math.sqrt(15.0) * (1 - 1e-16)


def test_global_pooling_of_nothing_is_refused():
    with pytest.raises(ValueError):
        global_average_pooling((0, 4))
