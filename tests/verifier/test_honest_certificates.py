"""What is honest holds, and what could not be looked at is said."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import compose, prove
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.operations.functions import FUNCTIONS
from lipbuild.certifying.stated_samples import state_samples
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.saved.keras_config import network_of
from lipbuild.verifier import UnreadableError, verify
from lipbuild.verifier.__main__ import main as program
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.floats import U32, U
from lipbuild.verifier.forward import run, served_error
from lipbuild.verifier.model import Model
from lipbuild.verifier.model_file import read_model
from lipbuild.verifier.nodes import Node
from tests.verifier.zoo import SHAPES


def _outputs(path, x):
    """As the verifier computes them, with the radii of their errors."""
    model = model_of(*read_model(path))
    return run(model, {}, list(model.nodes.values())[1:], model.input.name, x.astype(np.float64))


@pytest.mark.parametrize("name", SHAPES)
def test_an_honest_certificate_holds(certified, name):
    model = certified(name)
    verdict = model.verified()
    assert verdict.status == 0, verdict.failures
    assert not verdict.unchecked
    assert "the accuracy" in verdict.checked
    assert any(float.fromhex(r) > 0.0 for r in model.predicate["samples"]["radii"])


@pytest.mark.parametrize("name", SHAPES)
def test_prover_verifier_and_keras_compute_the_same(certified, name):
    model = certified(name)
    ours = forward(network_of(*read_archive(model.path)), model.x)
    theirs, _ = _outputs(model.path, model.x)
    np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(theirs, model.outputs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_a_constant_is_not_below_the_gain_between_samples(certified, name):
    model = certified(name)
    outputs, _ = _outputs(model.path, model.x)
    constant = float.fromhex(model.predicate["lipschitz"])
    for i in range(len(model.x)):
        for j in range(i):
            distance = np.linalg.norm(model.x[i].astype(np.float64) - model.x[j])
            assert np.linalg.norm(outputs[i] - outputs[j]) <= constant * distance


def test_steps_of_a_deep_network_that_cuts_and_joins_layer_by_layer_follow(main):
    x = y = keras.Input((8,))
    for i in range(40):
        y = keras.layers.Concatenate()([y[:, 3 + i % 3 :], y[:, : 3 + i % 3]])
    path = main.path.parent / "deep.keras"
    keras.Model(x, y).save(path)
    statement = certify(*read_archive(path), file=path.name, tool="test")
    assert float.fromhex(statement["predicate"]["lipschitz"]) == 1.0
    assert verify(path, statement).holds


def test_radii_and_accuracy_without_their_data_are_conditions(main):
    verdict = main.verified(inputs=None, labels=None)
    assert (verdict.holds, verdict.status) == (True, 3)
    assert verdict.conclusion == "holds, if the radii are as stated: their data was not given"
    verdict = main.verified(labels=None)
    assert (verdict.holds, verdict.status) == (True, 3)
    assert "the accuracy is as stated" in verdict.conclusion
    # What fails is not excused by what was not looked at.
    main.predicate["lipschitz"] = "0x1p-9"
    assert main.verified(inputs=None).status == 1


def test_a_model_with_layers_of_lipbuild_is_not_looked_at(main, tmp_path, keras):
    from lipbuild.layers import GroupSort2

    path = tmp_path / "own.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation=GroupSort2())]).save(path)
    main.predicate["model"] = {"file": "own.plain.keras"}
    with pytest.raises(UnreadableError, match=r"GroupSort2.*layers of Keras alone") as caught:
        verify(path, main.statement)
    assert "'own.plain.keras'" in str(caught.value)


def test_a_model_without_data_is_certified_too(main):
    statement = certify(*read_archive(main.path))
    assert verify(main.path, statement).status == 0


def test_another_save_of_the_same_model_still_holds(main, tmp_path, keras):
    keras.models.load_model(main.path).save(tmp_path / "again.keras")
    assert verify(tmp_path / "again.keras", main.statement, inputs=main.x, labels=main.y).holds


def test_radii_of_float32_are_smaller_than_those_of_the_real_function(main):
    statement = certify(*read_archive(main.path), inputs=main.x, labels=main.y, semantics="float32")
    assert verify(main.path, statement, inputs=main.x, labels=main.y).holds
    pairs = zip(statement["predicate"]["samples"]["radii"], main.predicate["samples"]["radii"], strict=True)
    assert all(float.fromhex(a) < float.fromhex(b) or float.fromhex(b) == 0.0 for a, b in pairs)


def test_where_float32_overflows_there_is_no_radius_of_it(tmp_path, keras):
    layer = keras.layers.Dense(2, use_bias=False)
    model = keras.Sequential([keras.Input((8,)), layer])
    layer.set_weights([np.stack([np.full(8, 0.9), np.ones(8)], axis=1)])
    model.save(tmp_path / "m.keras")
    x = np.stack([np.full(8, 1e38), np.ones(8)]).astype(np.float32)
    assert not np.isfinite(model.predict(x, verbose=0)[0]).all()
    radii = {}
    for semantics in ("real", "float32"):
        statement = certify(*read_archive(tmp_path / "m.keras"), inputs=x, semantics=semantics)
        assert verify(tmp_path / "m.keras", statement, inputs=x).holds
        radii[semantics] = [float.fromhex(r) for r in statement["predicate"]["samples"]["radii"]]
    assert radii["float32"][0] == 0.0
    assert radii["real"][0] > 1e38
    assert radii["float32"][1] == pytest.approx(radii["real"][1], rel=1e-4)


def test_radii_behind_a_guard_are_those_of_the_real_function(main):
    statement = certify(*read_archive(main.path), inputs=main.x, labels=main.y, semantics="guarded")
    assert statement["predicate"]["samples"]["radii"] == main.predicate["samples"]["radii"]
    assert verify(main.path, statement, inputs=main.x, labels=main.y).holds


def test_attacks_outside_their_radii_are_counted(main):
    radius = float.fromhex(main.predicate["samples"]["radii"][1])
    main.predicate["attacks"] = [{"sample": 1, "distance": (radius * 1.5 + 0.1).hex()}]
    verdict = main.verified()
    assert verdict.holds
    assert "that 1 attacks lie outside the radii" in verdict.checked


class TestInIntegers:
    @pytest.fixture(autouse=True)
    def _flint(self):
        pytest.importorskip("flint", reason="python-flint, an extra, is not installed")

    def test_an_exact_certificate_is_verified_in_integers(self, certified):
        model = certified("main", "main.exact")
        assert {row.get("level") for row in model.predicate["nodes"]} == {None, "exact"}
        assert model.predicate["level"] == "exact"
        assert model.verified(inputs=None, labels=None).holds

    @pytest.mark.parametrize("name", ["main", "kernels", "spans"])
    def test_any_certificate_can_be_verified_in_integers(self, certified, name):
        verdict = certified(name).verified(exact=True)
        assert verdict.holds, verdict.failures
        assert not verdict.unchecked

    @pytest.mark.parametrize("name", ["dense", "spectral_conv2d", "conv2d", "spectral_dense"])
    def test_a_lowered_bound_is_caught_in_integers(self, certified, name):
        model = certified("main", "main.exact")
        row = model.row(name)
        row["upper"] = row["lower"] = (float.fromhex(row["upper"]) * (1 - 1e-9)).hex()
        verdict = model.verified(inputs=None, labels=None)
        assert any(failure.where == row["name"] for failure in verdict.failures)


def test_the_program_runs_by_itself(main, models):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lipbuild.verifier",
            main.path,
            models / "main.json",
            models / "main.npz",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("holds\n")
    assert "proved again: the radii of 12 samples" in done.stdout


@pytest.mark.parametrize(
    ("content", "status"), [("{}", 1), ("{", 2), ('{"a": 1, "a": 2}', 2), ('{"a": NaN}', 2), (None, 2)]
)
def test_the_program_tells_what_does_not_hold_from_what_it_cannot_read(main, tmp_path, content, status):
    if content is not None:
        (tmp_path / "c.json").write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "lipbuild.verifier", main.path, tmp_path / "c.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_the_program_prints_a_verdict_as_json(main, models, capsys):
    files = [str(main.path), str(models / "main.json"), str(models / "main.npz")]
    assert program([*files, "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["format"], printed["version"], printed["status"]) == ("lipbuild.verdict", 1, 0)
    assert printed["verdict"] == "holds"
    assert printed["fields"]["/predicate/samples/radii"] == "proved"
    assert program([*files, "--format", "yaml"]) == 2


def test_a_certificate_is_plain_json(main):
    assert json.loads(json.dumps(main.statement)) == main.statement


@pytest.mark.parametrize("function", [*FUNCTIONS, "centering"])
def test_the_stated_error_of_one_operation_is_proved_again(function):
    # Alone in a network, where no other error makes up for one that is counted differently.
    own = ("centering", {"axes": (0,)}) if function == "centering" else ("activation", {"function": function})
    network = Network(
        (NetworkNode("x", "input", (), {"shape": (1,)}), NetworkNode("y", own[0], ("x",), own[1])), "y"
    )
    gains = {name: bound.stated for name, bound in prove(network).items()}
    certified = CertifiedNetwork(network, gains, compose(network, gains))
    x = np.array([[3.7]], np.float32)
    inference = state_samples(certified, x, None, semantics="real")["inference"]
    norm = float.fromhex(inference["input_norm"])
    nodes = {"x": Node("x", "input", (), {"shape": (1,)}), "y": Node("y", own[0], ("x",), own[1])}
    model = Model(nodes, {"x": (1,), "y": (1,)}, "y")
    for name, unit in (("float64", U), ("float32", U32)):
        assert served_error(model, gains, norm, unit) <= float.fromhex(inference["error"][name])
