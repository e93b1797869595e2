"""Attacks on networks whose nearest boundary is known."""

import keras
import numpy as np
import pytest

from lipbuild.building.plain import in_float64
from lipbuild.evaluation.attack.bisection import bisect
from lipbuild.evaluation.attack.carlini_wagner import carlini_wagner
from lipbuild.evaluation.attack.deepfool import deepfool
from lipbuild.evaluation.attack.largest_movement import largest_movement
from lipbuild.evaluation.attack.minimal_norm import minimal_norm_attack
from lipbuild.evaluation.attack.objective import Objective, signed_output
from lipbuild.evaluation.attack.options import AttackOptions
from tests.benchmarks.attack_with_foolbox import ATTACKS, foolbox_attack


def linear(classes: int, seed: int = 0) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    kernel = rng.standard_normal((12, classes)).astype(np.float32)
    bias = rng.standard_normal(classes).astype(np.float32)
    inputs = keras.Input((3, 4))
    layer = keras.layers.Dense(classes)
    model = keras.Model(inputs, layer(keras.layers.Flatten()(inputs)))
    layer.set_weights([kernel, bias])
    return model, kernel.astype(np.float64), bias.astype(np.float64)


def samples(kernel, bias, count=40):
    x = np.random.default_rng(1).standard_normal((count, 3, 4))
    logits = x.reshape(count, -1) @ kernel + bias
    single = logits.shape[1] == 1
    labels = (logits[:, 0] > 0).astype(np.int64) if single else logits.argmax(axis=1)
    return x, logits, labels


QUICK = AttackOptions(steps=20)


def attack(model, x, labels, logits, options=QUICK, **more):
    exact = Objective(in_float64(model))
    return minimal_norm_attack(Objective(model), exact, x, labels, logits, options, **more)


def test_the_nearest_point_of_a_linear_network_is_found():
    model, kernel, bias = linear(6)
    x, logits, labels = samples(kernel, bias)
    found = attack(model, x, labels, logits, tolerance=1e-12)
    rows = np.arange(len(x))
    margins = logits[rows, labels][:, None] - logits
    lengths = np.linalg.norm(kernel[:, labels].T[:, :, None] - kernel[None], axis=1)
    lengths[rows, labels] = np.nan
    nearest = np.nanmin(margins / lengths, axis=1)
    np.testing.assert_allclose(found.distances, nearest, rtol=1e-6)
    # Never nearer than it is: a distance is that of a point which really has another class.
    assert (found.distances >= nearest * (1.0 - 1e-12)).all()
    there = found.adversarial.reshape(len(x), -1) @ kernel + bias
    assert (there.argmax(axis=1) == found.labels).all()
    assert (found.labels != labels).all()


def test_a_single_logit_is_brought_to_the_other_side_of_0():
    model, kernel, bias = linear(1)
    x, logits, labels = samples(kernel, bias)
    found = attack(model, x, labels, logits, tolerance=1e-12)
    np.testing.assert_allclose(found.distances, np.abs(logits[:, 0]) / np.linalg.norm(kernel), rtol=1e-6)
    there = found.adversarial.reshape(len(x), -1) @ kernel + bias
    assert ((there[:, 0] > 0) == (labels == 0)).all()
    assert (found.labels == 1 - labels).all()


def test_what_rounding_may_do_is_no_attack():
    model, kernel, bias = linear(4)
    x, logits, labels = samples(kernel, bias)
    found = attack(model, x, labels, logits, tolerance=1e-3)
    there = found.adversarial.reshape(len(x), -1) @ kernel + bias
    rows = np.arange(len(x))
    assert (there[rows, found.labels] - there[rows, labels] > 0.999e-3).all()


def test_nothing_is_found_where_nothing_changes_the_class():
    model = linear(3)[0]
    model.layers[-1].set_weights([np.zeros((12, 3)), np.array([0.0, 2.0, 1.0])])
    x = np.zeros((2, 3, 4))
    found = attack(model, x, np.array([1, 1]), np.tile([0.0, 2.0, 1.0], (2, 1)))
    assert np.isinf(found.distances).all()
    assert (found.labels == -1).all()
    assert (found.adversarial == x).all()


def test_with_very_many_classes_the_nearest_are_tried():
    model, kernel, bias = linear(50)
    x, logits, labels = samples(kernel, bias, count=10)
    all_of_them = attack(model, x, labels, logits, AttackOptions(steps=10, targets=49))
    some = attack(model, x, labels, logits, AttackOptions(steps=10, targets=8))
    assert (some.distances >= all_of_them.distances * (1.0 - 1e-6)).all()
    assert np.isfinite(some.distances).all()


def test_the_exact_objective_computes_in_float64_from_the_first_digit_of_the_input():
    model, kernel, bias = linear(3)
    exact = Objective(in_float64(model))
    x = np.random.default_rng(2).standard_normal((5, 3, 4)) + 1e-9
    logits = x.reshape(5, -1) @ kernel + bias
    first, second = np.zeros(5, np.int64), np.full(5, 2)
    np.testing.assert_allclose(exact.value(x, first, second), logits[:, 0] - logits[:, 2], rtol=1e-12)
    value, gradient = exact.value_and_gradient(x, first, second)
    np.testing.assert_allclose(value, logits[:, 0] - logits[:, 2], rtol=1e-12)
    np.testing.assert_allclose(
        gradient.reshape(5, -1), np.tile(kernel[:, 0] - kernel[:, 2], (5, 1)), rtol=1e-12
    )


def test_each_step_of_the_attack_does_what_it_says():
    model, kernel, bias = linear(3)
    objective = Objective(in_float64(model))
    x, logits, labels = samples(kernel, bias, count=20)
    target = (labels + 1) % 3
    across = deepfool(objective, x, labels, target)
    assert (objective.value(across, labels, target) <= 0.0).all()
    # From a detour, refinement comes back to the nearest point.
    detour = across + np.random.default_rng(3).standard_normal(x.shape)
    detour, counts = bisect(objective, x, deepfool(objective, detour, labels, target), labels, target)
    assert counts.all()
    refined = carlini_wagner(objective, x, detour, labels, target, steps=200)

    def lengths(points):
        return np.linalg.norm((points - x).reshape(len(x), -1), axis=1)

    nearest = (logits[np.arange(20), labels] - logits[np.arange(20), target]) / np.linalg.norm(
        kernel[:, labels] - kernel[:, target], axis=0
    )
    assert (lengths(refined) <= lengths(detour)).all()
    assert (objective.value(refined, labels, target) <= 0.0).all()
    assert np.median(lengths(refined) / nearest) < 1.02 < np.median(lengths(detour) / nearest)


@pytest.mark.nightly
def test_foolbox_finds_the_same_boundary():
    model, kernel, bias = linear(4)
    x, logits, labels = samples(kernel, bias, count=8)
    exact = Objective(in_float64(model))
    found = [foolbox_attack(one, model, exact, x, labels) for one in ATTACKS.values()]
    theirs, ours = np.min(found, axis=0), attack(model, x, labels, logits).distances
    assert (theirs >= ours * (1.0 - 1e-6)).all()
    np.testing.assert_allclose(theirs, ours, rtol=0.05)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_largest_movement_of_a_linear_network_is_its_constant_times_the_radius(outputs):
    model, kernel, bias = linear(outputs)
    x, _, _ = samples(kernel, bias, count=5)
    search, exact = Objective(model, signed_output), Objective(in_float64(model), signed_output)
    movement, distance = largest_movement(search, exact, x, outputs, 0.5, steps=3)
    steepest = np.linalg.norm(kernel, axis=0).max()
    np.testing.assert_allclose(movement, 0.5 * steepest, rtol=1e-6)
    np.testing.assert_allclose(distance, 0.5, rtol=1e-6)
    assert (movement <= steepest * distance * (1.0 + 1e-12)).all()
