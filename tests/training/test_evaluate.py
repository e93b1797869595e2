"""Clean and certified accuracy, against an independent count."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.data.config_data import load_dataset
from lipbuild.training.train import Run
from tests.conftest import CONFIGS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    checked = lipbuild.load(CONFIGS / "digits_mlp.yaml", ["train.epochs=4"])
    return lipbuild.train(checked, tmp_path_factory.mktemp("runs"), quiet=True)


def test_accuracies_are_those_counted_by_hand(run: Run) -> None:
    radii = [0.0, 0.1, 0.25, 0.5, 100.0]
    evaluation = lipbuild.evaluate(run.folder.path, radii)
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    logits = run.model.predict(test.x, verbose=0).astype(np.float64)
    label = logits[np.arange(len(logits)), test.targets]
    others = np.where(np.eye(10, dtype=bool)[test.targets], -np.inf, logits)
    margin = label - others.max(axis=1)
    assert evaluation.accuracy == pytest.approx((margin > 0).mean(), abs=1e-12)
    assert evaluation.samples == 360
    for radius, accuracy in evaluation.certified:
        by_margin = ((margin > 0) & (margin / np.sqrt(2) >= radius)).mean()
        # The pairwise radius and the proved constant can only certify more.
        assert by_margin - 1e-12 <= accuracy <= evaluation.accuracy
    accuracies = [accuracy for _, accuracy in evaluation.certified]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[-1] == 0.0


def test_no_attack_within_a_certified_radius_changes_a_label(run: Run) -> None:
    """Gradient steps along the margin, to just within the certified radius."""
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    radius = 0.25
    certified = dict(lipbuild.evaluate(run.folder.path, [radius]).certified)[radius]
    x = tf.constant(test.x)
    onehot = tf.one_hot(test.targets, 10)
    moved = tf.Variable(x)
    for _ in range(40):
        with tf.GradientTape() as tape:
            logits = run.model(moved)
            margin = tf.reduce_sum(logits * onehot, 1) - tf.reduce_max(logits - 1e9 * onehot, 1)
        gradient = tape.gradient(margin, moved)
        norm = tf.reshape(tf.norm(tf.reshape(gradient, (len(test), -1)), axis=1), (-1, 1, 1, 1)) + 1e-12
        offset = moved - 0.05 * gradient / norm - x
        length = tf.reshape(tf.norm(tf.reshape(offset, (len(test), -1)), axis=1), (-1, 1, 1, 1))
        moved.assign(x + offset * tf.minimum(1.0, 0.9999 * radius / (length + 1e-12)))
    attacked = np.mean(np.argmax(run.model.predict(moved.numpy(), verbose=0), axis=1) == test.targets)
    assert certified <= attacked < 1.0


def test_the_evaluation_is_written_to_the_run_folder(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, [0.1])
    written = json.loads(run.folder.evaluation.read_text())
    assert written["accuracy"] == evaluation.accuracy
    assert written["certified_accuracy"] == [{"radius": 0.1, "accuracy": evaluation.certified[0][1]}]
    assert written["lipschitz"]["proved"] <= written["lipschitz"]["promised"] == 1.0


def test_a_binary_network_is_certified_by_the_size_of_its_output(tmp_path: Path) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "moons_hkr.yaml", ["train.epochs=3"]), tmp_path, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, [0.05])
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    output = run.model.predict(test.x, verbose=0)[:, 0].astype(np.float64)
    signed = output * (2 * test.targets - 1)
    assert evaluation.accuracy == pytest.approx((signed > 0).mean(), abs=2e-3)
    assert evaluation.certified[0][1] == pytest.approx((signed >= 0.05).mean(), abs=5e-3)
    assert run.history[-1]["val_accuracy"] == pytest.approx(evaluation.accuracy, abs=0.1)


def test_a_regression_states_its_errors_and_how_far_an_output_moves(tmp_path: Path) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "regression.yaml", ["train.epochs=3"]), tmp_path, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, [0.1])
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    difference = run.model.predict(test.x, verbose=0) - test.targets
    assert evaluation.errors["mean_absolute_error"] == pytest.approx(np.abs(difference).mean(), rel=1e-5)
    assert evaluation.movements[0][0] == 0.1
    assert 0.09 < evaluation.movements[0][1] <= 0.1 * 1.0000001
    assert evaluation.accuracy is None


def test_a_silenced_soundness_rule_voids_the_certificate(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "model:\n"
        "  lipschitz: 2.0\n"
        "  layers:\n"
        "    # the windows overlap, which doubles the constant\n"
        "    - MaxPooling2D: {pool_size: 3, strides: 2} # lipbuild: ignore[overlapping-max-pooling] tried out\n"
        "    - Flatten\n"
        "    - SpectralDense: {units: 10}\n"
        "data: {source: digits}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, epochs: 1}\n"
    )
    checked = lipbuild.check(tmp_path / "c.yaml")
    assert checked.ok, checked.diagnostics
    run = lipbuild.train(checked, tmp_path / "runs", quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path)
    assert evaluation.voided_by == ("overlapping-max-pooling",)
    assert evaluation.accuracy is not None
    assert evaluation.certified == ()
    written = json.loads(run.folder.evaluation.read_text())
    assert written["void"] == {"silenced_rules": ["overlapping-max-pooling"]}
    with pytest.raises(lipbuild.errors.RefusedError, match="silences `overlapping-max-pooling`"):
        lipbuild.certify(run.folder.path)
    assert written["certified_accuracy"] == []
