"""The guard, against rational arithmetic."""

from fractions import Fraction

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipbuild
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.guard.guard import Guard, guarded
from lipbuild.layers import OrthoDense

KERNEL = np.array([[1.0, 1.0], [1.0, -1.0], [0.3, 0.7]], np.float32)


def linear(kernel: np.ndarray, bias: np.ndarray) -> keras.Model:
    inputs = keras.Input((kernel.shape[0],))
    layer = keras.layers.Dense(kernel.shape[1])
    model = keras.Model(inputs, layer(inputs))
    layer.set_weights([kernel, bias])
    return model


@pytest.fixture(scope="module")
def guard() -> Guard:
    return guarded(linear(KERNEL, np.zeros(2, np.float32)))


def exact(x: np.ndarray) -> list[Fraction]:
    """z_0 − z_1 of each row in rational arithmetic."""
    difference = [Fraction(float(a)) - Fraction(float(b)) for a, b in KERNEL]
    return [sum(Fraction(float(v)) * d for v, d in zip(row, difference, strict=True)) for row in x]


def test_float32_decides_what_is_clear_float64_what_is_close_and_nothing_a_tie(guard):
    x = np.zeros((4, 3), np.float32)
    x[:, 0] = 1.0
    x[:, 1] = [1e-3, -(2.0**-40), 2.0**-60, 0.0]
    answers = guard(x)
    assert answers.labels.tolist() == [0, 1, -1, -1]
    assert answers.recomputed.tolist() == [False, True, True, True]
    assert answers.abstained.tolist() == [False, False, True, True]
    assert (answers.radii > 0.0).tolist() == [True, True, False, False]
    assert (answers.margins[:2] > 0.0).all()


@settings(max_examples=200)
@given(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3),
    st.floats(-(2.0**-13), 2.0**-13, width=32),
)
def test_a_label_and_its_radius_never_contradict_rational_arithmetic(guard, row, offset):
    x = np.array([row], np.float32)
    # Near the boundary, where rounding matters.
    x[0, 1] = np.float32(0.2 * x[0, 2] + offset)
    answers = guard(x)
    [difference] = exact(x)
    label, radius = int(answers.labels[0]), Fraction(float(answers.radii[0]))
    if label >= 0:
        assert (difference > 0) == (label == 0)
        square = sum((Fraction(float(a)) - Fraction(float(b))) ** 2 for a, b in KERNEL)
        assert radius**2 * square <= difference**2
    else:
        assert radius == 0


@settings(max_examples=100)
@given(st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3), st.floats(-1e-7, 1e-7))
def test_an_input_in_float64_is_answered_as_it_is_given_not_as_it_is_rounded(guard, row, offset):
    x = np.array([row])
    x[0, 1] = 0.2 * x[0, 2] + offset
    answers = guard(x)
    [difference] = exact(x)
    label, radius = int(answers.labels[0]), Fraction(float(answers.radii[0]))
    if label >= 0:
        assert (difference > 0) == (label == 0)
        square = sum((Fraction(float(a)) - Fraction(float(b))) ** 2 for a, b in KERNEL)
        assert radius**2 * square <= difference**2


def test_radii_of_float64_are_a_little_larger_and_labels_the_same(guard):
    x = np.random.default_rng(0).standard_normal((100, 3)).astype(np.float32)
    quick, full = guard(x), guard(x, full_radii=True)
    assert (quick.labels == full.labels).all()
    assert (quick.radii < full.radii).all()
    assert np.median(quick.radii / full.radii) > 0.999
    assert (quick.recomputed == full.recomputed).all()


def test_what_overflows_in_float32_is_asked_in_float64(guard):
    x = np.array([[3e38, 3e38, 0.0], [1e30, 1e29, 0.0]], np.float32)
    answers = guard(x)
    assert answers.recomputed.all()
    assert answers.labels.tolist() == [0, 0]
    assert np.isfinite(answers.logits).all()


def test_a_single_logit_is_guarded_around_0():
    guard = guarded(linear(np.array([[1.0], [1.0]], np.float32), np.array([-1.0], np.float32)))
    x = np.array([[1.0, 0.5], [1.0, 2.0**-40], [0.5, 0.5], [0.25, 0.25]], np.float32)
    answers = guard(x)
    assert answers.labels.tolist() == [1, 1, -1, 0]
    assert answers.recomputed.tolist() == [False, True, True, False]


def test_no_input_gives_no_answer(guard):
    answers = guard(np.zeros((0, 3), np.float32))
    assert answers.labels.shape == answers.radii.shape == (0,)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 4)), "the network takes"),
        (np.array([[0.0, np.nan, 0.0]]), "input 0 holds a value that is NaN"),
        (np.array([[0.0, 0.0, 0.0], [np.inf, 0.0, 0.0]]), "input 1 holds"),
        (np.array([["a", "b", "c"]]), "numbers are needed"),
    ],
)
def test_what_cannot_be_answered_is_refused(guard, x, message):
    with pytest.raises(RefusedError, match=message):
        guard(x)


def test_a_file_is_guarded_and_a_missing_one_named(tmp_path):
    linear(KERNEL, np.zeros(2, np.float32)).save(tmp_path / "m.keras")
    answers = lipbuild.guarded(tmp_path / "m.keras")(np.ones((1, 3), np.float32))
    assert answers.labels.tolist() == [0]
    with pytest.raises(UnusableError, match="there is no such model"):
        guarded(tmp_path / "n.keras")
    # The package is still what `lipbuild.certify(…)` calls.
    with pytest.raises(UnusableError):
        lipbuild.certify(tmp_path / "n.keras")


def test_what_is_served_is_what_was_certified_whatever_becomes_of_the_model():
    model = linear(KERNEL, np.zeros(2, np.float32))
    guard = guarded(model)
    x = np.random.default_rng(4).standard_normal((20, 3)).astype(np.float32)
    before = guard(x).labels
    model.set_weights([-KERNEL, np.zeros(2, np.float32)])
    assert (guard(x).labels == before).all()


def test_of_layers_of_lipbuild_the_plain_form_is_proved_and_served(tmp_path):
    model = keras.Sequential([keras.Input((3,)), OrthoDense(2)])
    model.save(tmp_path / "m.keras")
    x = np.random.default_rng(5).standard_normal((20, 3)).astype(np.float32)
    for served in (model, tmp_path / "m.keras"):
        guard = guarded(served)
        np.testing.assert_allclose(guard(x).logits, model(x), atol=1e-6)
        # The kernel is an array, so that float32 decides.
        assert not guard(x).recomputed.any()


def test_a_model_that_cannot_be_certified_is_refused_with_its_layer():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.UnitNormalization(name="unit")(inputs)))
    with pytest.raises(RefusedError, match="`unit`"):
        guarded(model)


def test_float32_products_in_bfloat16_are_refused(monkeypatch):
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
    with pytest.raises(UnusableError, match="ONEDNN_DEFAULT_FPMATH_MODE"):
        guarded(linear(KERNEL, np.zeros(2, np.float32)))
