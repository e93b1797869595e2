"""What is said of samples while their columns stay within tolerances."""

import numpy as np
import pytest

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.cli.prediction_table import prediction_table
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError
from lipbuild.evaluation.column_slopes import column_slopes
from lipbuild.evaluation.monotone import check_monotone
from lipbuild.evaluation.predictions import Predictions
from lipbuild.evaluation.predictions_in_tolerance import with_tolerance
from lipbuild.evaluation.tolerance_evaluation import evaluate_tolerance
from tests.certifying.networks import dense_network

TOLERANCES = (Tolerance("a", 0, 0.05), Tolerance("b", 1, 0.02))
X = np.random.default_rng(0).standard_normal((50, 4))


def test_samples_that_are_right_and_keep_their_class_are_counted():
    certified = CertifiedNetwork.of(dense_network((4, 8, 3)))
    bounds, logits = certified.within(TOLERANCES), certified.logits(X)
    kept = bounds.keeps_class(logits)
    assert 0 < kept.sum() < len(X)
    # Half of the labels are right.
    labels = np.where(np.arange(len(X)) % 2, logits.labels, (logits.labels + 1) % 3)
    found = evaluate_tolerance(bounds, ("c", "d"), (logits, labels))
    assert found.accuracy == np.mean(kept & (np.arange(len(X)) % 2 == 1))
    assert found.as_json()["columns"] == {"a": 0.05, "b": 0.02}
    first, *_, last = found.lines()
    assert first == "within a ± 0.05, b ± 0.02, while c, d are held fixed:"
    assert f"{found.accuracy:.2%}" in last


def test_predictions_say_whether_a_class_stays_and_where_a_number_does():
    certified = CertifiedNetwork.of(dense_network((4, 8, 3)))
    rows = [
        {
            "input": f"{i}",
            "class": "x",
            "number": 0,
            "margin": 1.0,
            "radius": 0.1,
            "abstained": i == 0,
            "recomputed": False,
        }
        for i in range(len(X))
    ]
    told = with_tolerance(Predictions("multiclass", tuple(rows), 1.0, "units"), certified, TOLERANCES, X)
    kept = certified.within(TOLERANCES).keeps_class(certified.logits(X))
    assert [row["within_tolerance"] for row in told.rows] == [False, *kept[1:].tolist()]
    assert "in tolerance" in prediction_table(told)
    assert told.as_json()["tolerance"] == {"a": 0.05, "b": 0.02}
    numbers = Predictions("regression", tuple({"input": f"{i}"} for i in range(len(X))), 1.0, "units", 0.1)
    told = with_tolerance(numbers, certified, TOLERANCES, X)
    steps = np.random.default_rng(1).choice([-1.0, 1.0], (len(X), 2)) * [0.05, 0.02]
    moved = certified.logits(np.hstack([X[:, :2] + steps, X[:, 2:]])).values
    for row, values in zip(told.rows, moved, strict=True):
        for j, value in enumerate(values):
            assert row[f"low_in_tolerance_{j}"] <= value <= row[f"high_in_tolerance_{j}"]


def test_columns_of_text_go_from_each_value_to_each_other():
    certified = CertifiedNetwork.of(dense_network((4, 8, 1)))
    columns = [InputColumn("n", "m"), *(InputColumn("t", category=value) for value in "xyz")]
    samples = np.hstack([X[:, :1], np.eye(3)[np.arange(len(X)) % 3]])
    number, text = column_slopes(certified, columns, samples)
    assert (number.name, number.unit, number.is_text, text.name, text.is_text) == ("n", "m", False, "t", True)
    values = {
        value: certified.logits(np.hstack([X[:, :1], np.tile(np.eye(3)[i], (len(X), 1))])).values
        for i, value in enumerate("xyz")
    }
    differences = [np.abs(values[a] - values[b]).max() for a, b in ("xy", "xz", "yz")]
    assert text.moved == pytest.approx(max(differences), rel=1e-9)
    assert number.moved <= number.moves_at_most
    assert text.moved <= text.moves_at_most


def test_a_sign_that_is_not_proved_is_refused():
    from types import SimpleNamespace

    config = SimpleNamespace(model=SimpleNamespace(monotone={"a": "increasing", "b": "decreasing"}))
    slopes = {"a": ([0.0], [2.0]), "b": ([-1.0], [0.0])}
    check_monotone(config, slopes)
    for name, ends in (("a", ([-1e-12], [2.0])), ("b", ([-1.0], [1e-12]))):
        with pytest.raises(RefusedError, match=f"in `{name}`"):
            check_monotone(config, slopes | {name: ends})
    with pytest.raises(RefusedError):
        check_monotone(config, {})
