"""The lower bound of the distance of two classes, against optimal transport."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import lipbuild
from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.cli.evaluation_table import evaluation_table
from lipbuild.config.columns import columns
from lipbuild.data.config_data import load_dataset
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.evaluation.class_distance import class_distance
from lipbuild.outputs.evaluation import EvaluationOutput
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.sections.summary import summary

CONFIG = {
    "name": "kr",
    "seed": 0,
    "model": {
        "layers": [{"SpectralDense": {"units": 32}}, "GroupSort2", {"FrobeniusDense": {"units": 1}}],
    },
    "data": {"source": {"circles": {"samples": 1500}}, "test": 400 / 1500, "stratify": True},
    "train": {
        "loss": "KR",
        "optimizer": {"Adam": {"learning_rate": 3e-2}},
        "epochs": 8,
        "batch_size": 256,
    },
    "certify": {"radii": [0.1]},
}


def _outputs(values: np.ndarray, error: float) -> BoundedLogits:
    errors = np.full(len(values), error)
    return BoundedLogits(values[:, None], errors, errors, 0.0, errors)


@pytest.mark.parametrize("error", [0.0, 1e-3])
def test_the_bound_is_below_the_exact_quotient_and_close_to_it(error: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        values, targets = rng.normal(size=31), rng.integers(2, size=31)
        values += targets
        lipschitz = float(rng.uniform(0.3, 3.0))
        found = class_distance(_outputs(values, error), targets, ("a", "b"), lipschitz)
        assert found is not None
        means = [
            sum(Fraction(float(v)) for v in values[targets == c]) / int((targets == c).sum()) for c in (0, 1)
        ]
        exact = (means[1] - means[0] - 2 * Fraction(error)) / Fraction(lipschitz)
        assert Fraction(found.at_least) <= max(0, exact)
        assert found.at_least == pytest.approx(max(0.0, float(exact)), rel=1e-12, abs=1e-12)
        assert (found.positive, found.negative) == ("b", "a")


def test_nothing_is_stated_where_a_class_or_a_constant_is_missing() -> None:
    values, both = np.array([1.0, 2.0]), np.array([0, 1])
    assert class_distance(_outputs(values, 0.0), np.array([1, 1]), ("a", "b"), 1.0) is None
    assert class_distance(_outputs(values, 0.0), both, ("a", "b"), float("inf")) is None
    assert class_distance(_outputs(values, np.inf), both, ("a", "b"), 1.0) is None
    assert class_distance(_outputs(np.full(4, 1.7e308), 0.0), np.array([0, 0, 1, 1]), ("a", "b"), 1.0) is None


def test_a_sweep_for_accuracy_needs_a_classifier() -> None:
    space = {"train.optimizer.learning_rate": [0.01, 0.1]}
    config = {**CONFIG, "data": {**CONFIG["data"], "validation": 0.1}}  # type: ignore[dict-item]
    for objective, found in (("accuracy", ["unmeasurable-objectives"]), ("parameters", [])):
        checked = lipbuild.check(
            {**config, "sweep": {"space": space, "objectives": [objective], "trials": 2}}
        )
        assert [finding.rule for finding in checked.diagnostics] == found


def test_training_by_kr_alone_finds_most_of_the_distance_and_claims_no_more(tmp_path: Path) -> None:
    checked = lipbuild.load(CONFIG)
    run = lipbuild.train(checked, tmp_path, quiet=True)
    assert run.history[-1]["val_KR"] == pytest.approx(-run.history[-1]["val_loss"], rel=1e-5)
    assert "val_accuracy" not in run.history[-1]
    assert list(run.history[-1])[1:] == columns(checked.config.train.loss, [], [0.1])
    evaluation = lipbuild.evaluate(
        run.folder.path, attack=AttackOptions(samples=5, steps=2, restarts=0), plots=False
    )
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    one, other = (test.x[test.targets == c].astype(np.float64) for c in (1, 0))
    assert len(one) == len(other)
    away = np.linalg.norm(one[:, None] - other[None], axis=-1)
    distance = away[linear_sum_assignment(away)].mean()
    assert evaluation.distance is not None
    assert 0.8 * distance < evaluation.distance.at_least <= distance
    assert evaluation.attack is None
    assert evaluation.baseline is None
    shown = evaluation_table(evaluation)
    assert "certified accuracy" not in shown
    assert "Wasserstein-1" in shown
    assert "of one class" in evaluation_table(replace(evaluation, distance=None))
    written = json.loads(run.folder.evaluation.read_text())
    assert written["distance"]["wasserstein_1_at_least"] == evaluation.distance.at_least
    assert not written["classifies"]
    assert EvaluationOutput.model_validate(written).distance is not None
    facts = [
        entry
        for part in summary(RunFiles.of(run.folder.path)).parts
        for entry in getattr(part, "entries", ())
    ]
    assert any(name == "distance of the classes" for name, *_ in facts)
    assert not any(name == "accuracy" for name, *_ in facts)
