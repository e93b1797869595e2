from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from lipbuild import metrics
from lipbuild.metrics import (
    BinaryProvableAvgRobustness,
    BinaryProvableRobustAccuracy,
    CategoricalProvableAvgRobustness,
    CategoricalProvableRobustAccuracy,
)

LOGITS = np.array([[2.0, 0.0, 0.0], [0.0, 0.3, 0.0], [0.0, 0.0, 5.0], [1.0, 1.0, 0.0]], "float32")
LABELS = np.array([0, 1, 1, 0])


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        LABELS[:, None],
        np.eye(3)[LABELS],
        2 * np.eye(3)[LABELS] - 1,
        0.8 * np.eye(3)[LABELS] + 0.2 / 3,
    ],
    ids=["sparse", "column", "one-hot", "signs", "smoothed"],
)
def test_all_forms_of_labels_give_the_same_value(labels):
    accuracy = CategoricalProvableRobustAccuracy(epsilon=1.0, disjoint_neurons=False)
    assert float(accuracy(labels, LOGITS)) == 0.25
    radius = CategoricalProvableAvgRobustness(disjoint_neurons=False)
    assert float(radius(labels, LOGITS)) == pytest.approx(2.3 / np.sqrt(2) / 4)


def test_outputs_that_are_lipschitz_one_by_one_have_the_smaller_radius():
    # A difference of outputs is √2 L-Lipschitz if the whole is L-Lipschitz, and 2 L if each output is.
    for epsilon, whole, disjoint in ((0.99, 0.25, 0.25), (1.01, 0.25, 0.0), (1.42, 0.0, 0.0)):
        for value, expected in ((False, whole), (True, disjoint)):
            metric = CategoricalProvableRobustAccuracy(epsilon=epsilon, disjoint_neurons=value)
            assert float(metric(LABELS, LOGITS)) == expected


def test_a_larger_constant_has_a_smaller_radius():
    metric = CategoricalProvableRobustAccuracy(epsilon=0.99, lip_const=2.0)
    assert float(metric(LABELS, LOGITS)) == 0.0


def test_a_tie_certifies_nothing_even_at_radius_zero():
    metric = CategoricalProvableRobustAccuracy(epsilon=0.0, disjoint_neurons=False)
    assert float(metric(LABELS, LOGITS)) == 0.5
    assert float(BinaryProvableRobustAccuracy(epsilon=0.0)(np.array([[1.0], [0.0]]), np.zeros((2, 1)))) == 0.0


@pytest.mark.parametrize("column", [0, 1, 2])
def test_nan_certifies_nothing(column):
    logits = LOGITS[:1].copy()
    logits[0, column] = np.nan
    assert float(CategoricalProvableRobustAccuracy(epsilon=0.0)(LABELS[:1], logits)) == 0.0


@pytest.mark.parametrize("labels", [[1, 0, 1, 0], [1, -1, 1, -1]])
def test_binary_metrics_take_both_kinds_of_labels(labels):
    outputs = np.array([[2.0], [-0.5], [-3.0], [-2.0]], "float32")
    for y in (np.array(labels), np.array(labels)[:, None]):
        assert float(BinaryProvableRobustAccuracy(epsilon=1.0)(y, outputs)) == 0.5
        assert float(BinaryProvableAvgRobustness(lip_const=2.0)(y, outputs)) == pytest.approx(4.5 / 8)
        signed = BinaryProvableAvgRobustness(negative_robustness=True)
        assert float(signed(y, outputs)) == pytest.approx(1.5 / 4)


def test_training_reports_the_mean_over_samples_and_not_over_batches():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Identity()])
    model.compile(
        loss="mse", metrics=[CategoricalProvableRobustAccuracy(epsilon=1.0, disjoint_neurons=False)]
    )
    labels = np.eye(3)[LABELS]
    found = model.evaluate(LOGITS, labels, batch_size=3, verbose=0, return_dict=True)
    assert found["CategoricalProvableRobustAccuracy"] == pytest.approx(0.25)


def test_sample_weights_count():
    metric = CategoricalProvableRobustAccuracy(epsilon=1.0, disjoint_neurons=False)
    metric.update_state(LABELS, LOGITS, sample_weight=[3.0, 1.0, 1.0, 1.0])
    assert float(metric.result()) == pytest.approx(0.5)


@pytest.mark.parametrize("name", metrics.__all__)
def test_metrics_survive_serialisation(name):
    metric = getattr(metrics, name)(lip_const=1.5)
    data = json.loads(json.dumps(keras.saving.serialize_keras_object(metric)))
    assert keras.saving.deserialize_keras_object(data).get_config() == metric.get_config()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lip_const": 0.0}, "lip_const=0.0"),
        ({"epsilon": -0.1}, "epsilon=-0.1"),
        ({"reduction": "x"}, "reduction='x'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CategoricalProvableRobustAccuracy(**arguments)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one column a class"):
        CategoricalProvableRobustAccuracy()(np.zeros((4, 2)), LOGITS)
    with pytest.raises(ValueError, match="at least two"):
        CategoricalProvableRobustAccuracy()(np.zeros((4, 1)), LOGITS[:, :1])
