"""Clean, certified and attacked accuracy, against an independent count."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

import lipbuild
from lipbuild.certifying import certified_network, head
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.network import Network
from lipbuild.cli.run import run as command
from lipbuild.data.config_data import load_dataset
from lipbuild.errors import RefusedError
from lipbuild.evaluation import judged
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.plots import accuracy_curves
from lipbuild.reporting.charts import drawing_file
from lipbuild.training.train import Run
from tests.conftest import CONFIGS, ROOT, Cli

ATTACK = AttackOptions(samples=30, steps=20, restarts=0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    checked = lipbuild.load(CONFIGS / "digits_mlp.yaml", ["train.epochs=4"])
    return lipbuild.train(checked, tmp_path_factory.mktemp("runs"), quiet=True)


def test_accuracies_are_those_counted_by_hand(run: Run) -> None:
    radii = [0.0, 0.1, 0.25, 0.5, 100.0]
    evaluation = lipbuild.evaluate(run.folder.path, radii, attack=False, plots=False)
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
    certified = dict(lipbuild.evaluate(run.folder.path, [radius], attack=False, plots=False).certified)[
        radius
    ]
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
    evaluation = lipbuild.evaluate(run.folder.path, [0.1], attack=False, plots=False)
    written = json.loads(run.folder.evaluation.read_text())
    assert written["accuracy"] == evaluation.accuracy
    assert written["certified_accuracy"] == [{"radius": 0.1, "accuracy": evaluation.certified[0][1]}]
    assert written["lipschitz"]["proved"] <= written["lipschitz"]["promised"] == 1.0


def test_a_binary_network_is_certified_by_the_size_of_its_output(tmp_path: Path) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "moons_hkr.yaml", ["train.epochs=3"]), tmp_path, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, [0.05], attack=False, plots=False)
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    test = load_dataset(checked.config, checked.graph).test
    output = run.model.predict(test.x, verbose=0)[:, 0].astype(np.float64)
    signed = output * (2 * test.targets - 1)
    assert evaluation.accuracy == pytest.approx((signed > 0).mean(), abs=2e-3)
    assert evaluation.certified[0][1] == pytest.approx((signed >= 0.05).mean(), abs=5e-3)
    assert run.history[-1]["val_accuracy"] == pytest.approx(evaluation.accuracy, abs=0.1)
    # Its two inputs are a plane, which is drawn.
    with np.load(run.folder.plane) as plane:
        middle = np.array([[plane["x"][80], plane["y"][40]]], np.float32)
        assert plane["labels"][40, 80] == (run.model.predict(middle, verbose=0)[0, 0] > 0)
    assert 'section id="plane"' in lipbuild.report(run.folder.path).read_text()
    lipbuild.evaluate(run.folder.path, [0.05], plots=True, attack=False)
    assert (run.folder.plots / "plane.svg").is_file()
    assert "certified accuracy" in accuracy_curves({"moons": evaluation}).as_file()


def test_a_regression_states_its_errors_and_how_far_an_output_moves(tmp_path: Path) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "regression.yaml", ["train.epochs=3"]), tmp_path, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, [0.1], attack=False, plots=False)
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
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert evaluation.voided_by == ("overlapping-max-pooling",)
    assert evaluation.accuracy is not None
    assert evaluation.certified == ()
    written = json.loads(run.folder.evaluation.read_text())
    assert written["void"] == {"silenced_rules": ["overlapping-max-pooling"]}
    with pytest.raises(lipbuild.errors.RefusedError, match="silences `overlapping-max-pooling`"):
        lipbuild.certify(run.folder.path)
    assert written["certified_accuracy"] == []


def test_what_is_certified_is_never_above_what_attacks_leave(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, [0.1, 0.5], attack=ATTACK, plots=False)
    assert evaluation.attack is not None
    assert evaluation.attack.samples == 30
    assert evaluation.attack.ratios is not None
    least, median = evaluation.attack.ratios
    assert 1.0 <= least <= median
    for _, certified, attacked in evaluation.attack.accuracies:
        assert certified is not None
        assert certified <= attacked
    found = np.load(run.folder.attacks)
    right = np.isfinite(found["distance"])
    assert right.sum() == evaluation.attack.found > 20
    assert (found["distance"] >= found["radius"])[right].all()
    # What was found is of another class, and as far away as is said.
    moved = found["adversarial"][right]
    logits = run.model.predict(moved, verbose=0).astype(np.float64)
    rows = np.arange(len(moved))
    gap = logits[rows, found["adversarial_label"][right]] - logits[rows, found["label"][right]]
    assert (gap > -1e-5).all()
    lengths = np.linalg.norm((moved - found["x"][right]).reshape(len(moved), -1), axis=1)
    np.testing.assert_allclose(found["distance"][right], lengths, rtol=1e-9)


def test_every_sample_has_its_line(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, [0.25], attack=ATTACK, plots=False)
    with run.folder.samples.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == evaluation.samples
    certified = [x["label"] == x["predicted"] and float(x["radius"]) >= 0.25 for x in lines]
    assert np.mean(certified) == evaluation.certified[0][1]
    assert all(float(x["radius_float32"]) <= float(x["radius"]) for x in lines)
    attacked = [x for x in lines if x["attack_distance"]]
    assert len(attacked) == evaluation.attack.found
    assert all(float(x["attack_distance"]) >= float(x["radius"]) for x in attacked)
    assert all(x["attack_class"] != x["label"] for x in attacked)
    assert all(x["nearest_class"] != x["predicted"] for x in lines)


def test_classes_and_confusions_add_up(run: Run) -> None:
    evaluation = lipbuild.evaluate(run.folder.path, [0.25], attack=False, plots=False)
    counts = np.array(evaluation.confusion)
    assert counts.sum() == evaluation.samples
    assert np.trace(counts) / counts.sum() == pytest.approx(evaluation.accuracy)
    for part, row in zip(evaluation.classes, counts, strict=True):
        assert row.sum() == part.samples
        assert part.accuracy == pytest.approx(row.max() / row.sum())
        assert part.towards[int(part.name)] is None
        others = [radius for radius in part.towards if radius is not None]
        assert len(others) == 9
        assert part.average_radius is not None
        # No other class is nearer than the nearest.
        assert min(others) >= part.average_radius / part.accuracy - 1e-9
    weighted = sum(p.samples * dict(p.certified)[0.25] for p in evaluation.classes) / evaluation.samples
    assert weighted == pytest.approx(evaluation.certified[0][1])
    weighted = sum(p.samples * p.average_radius for p in evaluation.classes) / evaluation.samples
    assert weighted == pytest.approx(evaluation.average_radius)


def test_the_file_is_as_it_is_documented(run: Run) -> None:
    lipbuild.evaluate(run.folder.path, [0.25], attack=ATTACK, plots=False)
    written = json.loads(run.folder.evaluation.read_text())
    assert (written["format"], written["version"]) == ("lipbuild.evaluation", 1)
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    for key in written:
        assert f"| `{key}` |" in page, key
    accuracies = [point["accuracy"] for point in written["curve"]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[0] == written["certified_accuracy"][0]["accuracy"] or accuracies[0] >= accuracies[-1]
    assert written["float32"]["average_certified_radius"] <= written["average_certified_radius"]


def test_plots_are_drawn_into_the_run_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lipbuild.evaluate(run.folder.path, attack=ATTACK, plots=True)
    drawn = {path.name for path in run.folder.plots.iterdir()}
    assert drawn == {
        f"{name}.{kind}" for name in ("accuracy", "radii", "adversarial") for kind in ("svg", "png")
    }
    for path in run.folder.plots.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    # One that an evaluation without an attack does not draw must not stay from the last one, and no PNG beside a newer
    # SVG where none can be drawn.
    monkeypatch.setattr(drawing_file, "png_can_be_drawn", lambda: False)
    lipbuild.evaluate(run.folder.path, plots=True, attack=False)
    assert {path.name for path in run.folder.plots.iterdir()} == {"accuracy.svg", "radii.svg"}


def test_an_attack_inside_a_certified_radius_ends_with_status_1_and_saves_the_sample(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """The constants are said to be a hundredth smaller than they are: attacks must bring it to light."""
    lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    proved = certified_network.prove

    def less(network: Network) -> dict[str, Bound]:
        return {k: replace(b, lower=0.0, upper=b.upper * 0.99) for k, b in proved(network).items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certified_network, "prove", less)
        status = command(["evaluate", str(run.folder.path), "--no-plots"])
    said = capsys.readouterr()
    assert status == 1, said.out + said.err
    assert "an attack at the distance" in said.err
    assert str(run.folder.violations) in said.err
    assert "Traceback" not in said.err
    # Nothing that was stated is left standing.
    assert not run.folder.evaluation.exists()
    saved = np.load(run.folder.violations)
    assert (saved["distance"] < saved["radius"]).all()
    lengths = np.linalg.norm((saved["adversarial"] - saved["x"]).reshape(len(saved["x"]), -1), axis=1)
    np.testing.assert_allclose(saved["distance"], lengths, rtol=1e-9)
    before = run.model.predict(saved["x"], verbose=0).argmax(axis=1)
    assert (before == saved["label"]).all()
    # Without the fault the same attack finds nothing, and the saved samples go.
    lipbuild.evaluate(run.folder.path, attack=AttackOptions(), plots=False)
    assert run.folder.evaluation.exists()
    assert not run.folder.violations.exists()


def _smaller_head(patch: pytest.MonkeyPatch) -> None:
    distances = head.pairwise_distances
    patch.setattr(head, "pairwise_distances", lambda kernel: 0.98 * distances(kernel))


def _larger_radii(patch: pytest.MonkeyPatch) -> None:
    targeted = judged.sample_targeted_radii
    patch.setattr(judged, "sample_targeted_radii", lambda *a, **k: 1.02 * targeted(*a, **k))


def _forgotten_layer(patch: pytest.MonkeyPatch) -> None:
    of = certified_network.head_of
    patch.setattr(certified_network, "head_of", lambda n, c: replace(of(n, c), rest=0.9 * of(n, c).rest))


@pytest.mark.parametrize("fault", [_smaller_head, _larger_radii, _forgotten_layer])
def test_other_faults_of_a_certificate_are_found_by_attacks_too(
    fault: Callable[[pytest.MonkeyPatch], None], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(RefusedError, match="an attack at the distance"):
        lipbuild.evaluate(run.folder.path, attack=AttackOptions(restarts=0), plots=False)


def test_a_network_that_is_read_wrongly_is_not_certified(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import lipbuild.saved.keras_network as module

    read = module.read_archive

    def other(path: Path):
        config, weights = read(path)
        weights["spectral_dense_2"][1] = weights["spectral_dense_2"][1] + np.float32(1e-2)
        return config, weights

    monkeypatch.setattr(module, "read_archive", other)
    with pytest.raises(RefusedError, match=r"differs from Keras by 0\.0\d+ on normal"):
        lipbuild.evaluate(run.folder.path, attack=False, plots=False)


def test_a_regression_that_moves_further_than_its_constant_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lipbuild.train(lipbuild.load(CONFIGS / "regression.yaml", ["train.epochs=3"]), tmp_path, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, [0.1], attack=ATTACK, plots=False)
    assert evaluation.movement_attack is not None
    [(_, moved)], [(_, allowed)] = evaluation.movement_attack.movements, evaluation.movements
    assert 0.7 * allowed < moved <= allowed
    written = json.loads(run.folder.evaluation.read_text())
    assert written["attack"]["output_moved"] == [{"radius": 0.1, "movement": moved}]
    import lipbuild.evaluation.run_logits as module

    of = module.RunLogits.of
    monkeypatch.setattr(
        module.RunLogits, "of", lambda trained: replace(of(trained), lipschitz=0.5 * of(trained).lipschitz)
    )
    with pytest.raises(RefusedError, match="nothing about this network may be believed"):
        lipbuild.evaluate(run.folder.path, [0.1], attack=ATTACK, plots=False)


def test_radii_are_in_the_units_of_the_data_before_its_preprocessing(tmp_path: Path) -> None:
    digits = load_digits()
    np.savez(tmp_path / "grey.npz", x=digits.images[..., None], y=digits.target)  # 0 to 16
    (tmp_path / "c.yaml").write_text(
        "seed: 0\n"
        "model:\n"
        "  lipschitz: 0.0625\n"
        "  layers: [Rescaling: {scale: 0.0625}, Flatten, SpectralDense: {units: 32}, GroupSort2, "
        "SpectralDense: {units: 10}]\n"
        "data: {source: {npz: {path: grey.npz}}}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, epochs: 2}\n"
        "certify: {radii: [2.0]}\n"
    )
    run = lipbuild.train(lipbuild.load(tmp_path / "c.yaml"), tmp_path / "runs", quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path, attack=ATTACK, plots=False)
    assert evaluation.proved == pytest.approx(0.0625, rel=1e-4)
    assert evaluation.average_radius is not None
    assert 1.0 < evaluation.average_radius < 16.0
    # Distances that attacks find are of the same size, so they are in the same units.
    assert evaluation.attack is not None
    assert evaluation.attack.ratios is not None
    assert 1.0 <= evaluation.attack.ratios[0] <= evaluation.attack.ratios[1] < 2.0


def test_the_table_shows_attacks_beside_certificates(run: Run, cli: Cli) -> None:
    done = cli("evaluate", run.folder.path, "-r", "0.25", "--attack-samples", 20, "--no-plots", "--details")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    header = next(line for line in lines if line.startswith("radius"))
    assert header.split() == ["radius", "certified", "accuracy", "certified", "attacked"]
    row = next(line for line in lines if line.startswith("0.25 "))
    assert len(row.split()) == 4
    for part in ("20 attacked samples", "class ╲ predicted", "expected calibration error", "abstain on"):
        assert part in done.stdout
