"""The intervals of a regression, and the classes that stay within tolerances, as a file computes them itself."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.hostile import hostile
from lipbuild.exporting.interval_head import with_intervals
from lipbuild.exporting.radius_check import check_intervals, check_radii
from lipbuild.exporting.radius_constants import Semantics, radius_constants
from lipbuild.exporting.radius_head import with_radius
from lipbuild.exporting.statement import VERIFIED
from lipbuild.serving.open_target import open_target
from tests.exporting.test_radius import exact_logits, network, outputs_of, proof_of
from tests.exporting.test_verified import array, restamped

TOLERANCES = (Tolerance("a", 0, 0.05), Tolerance("b", 3, 0.02))
RADIUS = 0.01


def moved_inputs(x: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Other inputs within the radius, and within the tolerances, of each."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal(x.shape)
    far = 0.999 * RADIUS * steps / np.linalg.norm(steps, axis=1, keepdims=True)
    box = np.zeros(x.shape)
    for tolerance in TOLERANCES:
        box[:, tolerance.place] = 0.999 * tolerance.size * rng.choice([-1.0, 1.0], len(x))
    return {"": (x + far).astype(np.float32), "_in_tolerance": (x + box).astype(np.float32)}


@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_exact_values_of_all_inputs_that_are_near_lie_in_the_interval(semantics: Semantics) -> None:
    model = network(2, 1.0, seed=5)
    proof = proof_of(model)
    constants = radius_constants(proof, TOLERANCES).widened(1e-6)
    served = with_intervals(model, constants, radius=RADIUS, semantics=semantics)
    real = np.random.default_rng(1).normal(size=(24, 6)).astype(np.float32)
    x = np.concatenate([real, 1e4 * real[:4], hostile(real)])
    found = outputs_of(served, x)
    check_intervals("right", found, x, proof, RADIUS, TOLERANCES)
    known = found["certified"]
    assert known[: len(real)].all()
    assert not known[~np.isfinite(x).all(axis=1)].any()
    for end, nothing in (("low", -np.finfo(np.float32).max), ("high", np.finfo(np.float32).max)):
        assert (found[end][~known] == nothing).all()
    for name, others in moved_inputs(x[:28], 2).items():
        computed = np.asarray(model(others))
        for row, other in enumerate(others):
            exact = computed[row].tolist() if semantics == "float32" else exact_logits(model, other)
            ends = zip(found[f"low{name}"][row].tolist(), exact, found[f"high{name}"][row].tolist())
            assert all(Fraction(low) <= Fraction(value) <= Fraction(high) for low, value, high in ends)
    # And no wider than what is proved, and the error of float32.
    width = found["high"][: len(real)] - found["values"][: len(real)]
    assert proof.certified is not None
    assert (width <= proof.certified.lipschitz * RADIUS * 1.01 + 1e-3).all()
    for end, change in (("low", 0.01), ("high_in_tolerance", -0.01)):
        narrower = {**found, end: found[end] + np.float32(change)}
        with pytest.raises(RefusedError, match="narrower than what is proved"):
            check_intervals("wrong", narrower, x, proof, RADIUS, TOLERANCES)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_a_class_that_is_said_to_stay_does(semantics: Semantics, outputs: int) -> None:
    model = network(outputs, 1.0, seed=7)
    proof = proof_of(model)
    assert proof.certified is not None
    task = "binary" if outputs == 1 else "multiclass"
    constants = radius_constants(proof, TOLERANCES).widened(1e-6)
    served = with_radius(model, constants, task=task, semantics=semantics)
    real = np.random.default_rng(1).normal(size=(300, 6)).astype(np.float32)
    x = np.concatenate([real, hostile(real)])
    found = outputs_of(served, x)
    check_radii("right", found, x, proof, semantics, TOLERANCES)
    stays = found["within_tolerance"]
    assert not stays[found["label"] < 0].any()
    # Nearly all of which it is proved in float64.
    proved = proof.certified.within(TOLERANCES).keeps_class(proof.certified.logits(real))
    assert 0 < stays[: len(real)].sum() <= proved.sum() <= stays[: len(real)].sum() + 5
    assert not proved.all()
    others = moved_inputs(real, 3)["_in_tolerance"]
    labels = outputs_of(served, others)["label"]
    assert (labels == found["label"][: len(real)])[stays[: len(real)]].all()
    wrong = {**found, "within_tolerance": np.ones(len(x), np.bool_)}
    with pytest.raises(RefusedError, match="not proved"):
        check_radii("wrong", wrong, x, proof, semantics, TOLERANCES)


def exported(
    folder: Path, target: str | list[str], loss: Any, outputs: int, semantics: str
) -> dict[str, Path]:
    """A small network on a table in every format that is verified."""
    rng = np.random.default_rng(0)
    with (folder / "t.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["a", "b", "c", "y", "z", "kind"])
        for a, b, c in rng.normal(size=(120, 3)) * [1.0, 3.0, 2.0] + [0.0, 0.0, 10.0]:
            table.writerow([a, b, c, a + b / 3, c - a, "u" if a + b / 3 > 0.3 else "v" if c > 10 else "w"])
    source = {"path": str(folder / "t.csv"), "target": target, "features": ["a", "b", "c"]}
    layers = [{"SpectralDense": {"units": 8}}, "GroupSort2", {"SpectralDense": {"units": outputs}}]
    config = {
        "name": "net",
        "seed": 0,
        "model": {"lipschitz": 4.0, "layers": layers},
        "data": {
            "source": {"csv": source},
            "validation": 0.1,
            "preprocess": [{"Normalization": {"least_std": 0.01}}],
            **({"target_scale": "standard"} if loss == "MeanSquaredError" else {}),
        },
        "train": {"loss": loss, "epochs": 3},
        "certify": {"tolerance": {"a": 0.05, "c": 0.1}, "radii": [0.1]},
        "export": {"formats": [*VERIFIED], "with_radius": True, "semantics": semantics},
    }
    run = lipbuild.train(config, folder, quiet=True)
    lipbuild.certify(run.folder.path)
    made = lipbuild.export(run.folder.path)
    for one in made:
        assert lipbuild.verify(one.path, run.folder.certificate).status == 0
    return {one.format: one.path for one in made}


def stated(change: Callable[[dict[str, Any]], None]) -> Callable[[Any, dict[str, Any]], None]:
    return lambda _, said: change(said)


@pytest.mark.nightly
@pytest.mark.parametrize(("targets", "semantics"), [("y", "real"), (["y", "z"], "float32")])
def test_files_of_regressions_hold_verified_intervals(targets: Any, semantics: str, tmp_path: Path) -> None:
    count = 1 if isinstance(targets, str) else 2
    files = exported(tmp_path, targets, "MeanSquaredError", count, semantics)
    x = np.array([[0.1, 0.2, 10.0], [1.0, 2.0, 9.0], [np.nan, 0.0, 0.0]], np.float32)
    answers = {name: FORMATS[name].predict(path, x) for name, path in files.items()}
    for found in answers.values():
        assert found["certified"].tolist() == [True, True, False]
        for end in ("low", "high", "low_in_tolerance", "high_in_tolerance"):
            assert np.allclose(found[end], answers["keras"][end], atol=2e-3)
    predictions = lipbuild.predict(files["onnx"], x[:2])
    assert predictions.radius == 0.1
    suffix = "" if count == 1 else "_0"
    for row, found in zip(predictions.rows, answers["onnx"]["low_in_tolerance"]):
        assert found[0] <= row[f"low_in_tolerance{suffix}"] <= found[0] + 5e-3
    [answer] = open_target(files["onnx"]).answer([x[:1]])
    assert answer[0]["certified"] is True
    assert len(answer[0]["low"]) == count
    restamped(files["onnx"], tmp_path / "honest.onnx", lambda *_: None)
    assert lipbuild.verify(tmp_path / "honest.onnx").holds
    changes: list[tuple[Any, str]] = [
        (array("interval/bias", 0.9), "interval"),
        (array("interval_in_tolerance/bias", 0.9), "interval"),
        (stated(lambda said: said["radius"].update(size=0.2)), "interval"),
        (stated(lambda said: said["tolerance"].update(box=[0.1] * count)), "tolerance"),
        (stated(lambda said: said["slopes"][0].update(greatest=[0.1] * count)), "slopes"),
        (stated(lambda said: said["input"]["columns"].reverse()), "slopes"),
    ]
    for change, where in changes:
        restamped(files["onnx"], tmp_path / "forged.onnx", change)
        assert where in {failure.where for failure in lipbuild.verify(tmp_path / "forged.onnx").failures}


@pytest.mark.nightly
@pytest.mark.parametrize("semantics", ["real", "float32"])
def test_files_of_classes_say_which_stay_within_the_tolerances(semantics: str, tmp_path: Path) -> None:
    files = exported(tmp_path, "kind", {"MulticlassHinge": {}}, 3, semantics)
    x = np.random.default_rng(1).normal(size=(40, 3)) * [1.0, 3.0, 2.0] + [0.0, 0.0, 10.0]
    answers = {name: FORMATS[name].predict(path, x.astype(np.float32)) for name, path in files.items()}
    for found in answers.values():
        assert (found["within_tolerance"] == answers["keras"]["within_tolerance"]).all()
        assert 0 < found["within_tolerance"].sum() < len(x)
    [rows] = open_target(files["onnx"]).answer([x[:1].astype(np.float32)])
    assert rows[0]["within_tolerance"] == bool(answers["onnx"]["within_tolerance"][0])
    for name in ("tolerance_boxes/kernel", "inverse_distances/kernel"):
        restamped(files["onnx"], tmp_path / "forged.onnx", array(name, 0.9 if "boxes" in name else 1.1))
        assert "radius" in {failure.where for failure in lipbuild.verify(tmp_path / "forged.onnx").failures}


def test_a_regression_without_a_radius_has_no_intervals() -> None:
    model: keras.Model = network(1, 1.0)
    with pytest.raises(RefusedError, match="a regression has no label"):
        with_radius(model, radius_constants(proof_of(model)), task="regression")
