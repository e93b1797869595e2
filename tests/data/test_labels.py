"""Labels in every form that a source may have, in every form that a loss may want."""

from __future__ import annotations

import numpy as np
import pytest

from lipbuild.data.labels import encode, read_targets
from lipbuild.errors import RefusedError


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [
        (np.array([0, 2, 1]), [0, 2, 1]),
        (np.array([[0], [2], [1]]), [0, 2, 1]),
        (np.array([0.0, 2.0, 1.0]), [0, 2, 1]),
        (np.array([1, 3, 2]), [0, 2, 1]),
        (np.array([10, 30, 20]), [0, 2, 1]),
        (np.eye(3)[[0, 2, 1]], [0, 2, 1]),
        (np.array(["ant", "cat", "bee"]), [0, 2, 1]),
        (np.array([0, 0, 1], dtype=np.uint8), [0, 0, 1]),
    ],
)
def test_classes_are_read_from_any_form(labels: np.ndarray, numbers: list[int]) -> None:
    assert read_targets(labels, "multiclass", 3, None).values.tolist() == numbers


@pytest.mark.parametrize(
    "labels", [[0, 1, 1], [-1, 1, 1], [1, 2, 2], [False, True, True], ["no", "yes", "yes"]]
)
def test_two_classes_are_read_from_any_form(labels: list[object]) -> None:
    assert read_targets(np.array(labels), "binary", 1, None).values.tolist() == [0, 1, 1]


def test_names_of_classes_are_kept() -> None:
    assert read_targets(np.array(["b", "a"]), "multiclass", 2, None).class_names == ("a", "b")
    assert read_targets(np.array([0, 1]), "multiclass", 2, ("x", "y")).class_names == ("x", "y")


@pytest.mark.parametrize(
    ("labels", "task", "units", "message"),
    [
        (
            np.arange(12),
            "multiclass",
            10,
            "12 classes .from 0 to 11., and the loss and the outputs are for 10",
        ),
        (np.arange(3), "binary", 1, "3 classes .*, and the loss and the outputs are for 2"),
        (np.array([0.5, 1.0]), "multiclass", 2, "sample 0 is 0.5, and classes are whole numbers"),
        (np.array([0.0, np.nan]), "multiclass", 2, "sample 1 is not a finite number"),
        (np.eye(4), "multiclass", 3, "4 classes"),
        (np.full((2, 2), 0.5), "multiclass", 2, "one-hot"),
        (np.array(["a", "b", "c"]), "multiclass", 2, "3 classes"),
        (np.array(["a"]), "regression", 1, "text"),
        (np.array([1.0, np.inf]), "regression", 1, "sample 1 is not a finite number"),
        (np.zeros((3, 2)), "regression", 1, "2 numbers to predict, and the network has 1 outputs"),
        (np.zeros((3, 2, 2)), "multiclass", 2, "shape"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: np.ndarray, task: str, units: int, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        read_targets(labels, task, units, None)  # type: ignore[arg-type]


def test_labels_are_encoded_as_the_loss_wants_them() -> None:
    targets = read_targets(np.array([0, 1]), "multiclass", 2, None)
    assert encode(targets, "onehot", 2).tolist() == [[1, 0], [0, 1]]
    assert encode(targets, "index", 2).tolist() == [0, 1]
    assert encode(targets, "sign", 2).tolist() == [[-1], [1]]
    assert encode(targets, "zero_one", 2).tolist() == [[0], [1]]
    numbers = read_targets(np.array([0.5, 2.5]), "regression", 1, None)
    assert encode(numbers, "value", 2).tolist() == [[0.5], [2.5]]
