"""Certifying and verifying as a user types it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.cli.run import run as run_here
from lipbuild.errors import RefusedError, UnusableError
from tests.conftest import CONFIGS, Cli


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    checked = lipbuild.load(CONFIGS / "moons_hkr.yaml", ["train.epochs=1"])
    return lipbuild.train(checked, tmp_path_factory.mktemp("runs"), quiet=True).folder.path


def test_a_run_is_certified_and_its_certificate_verified(run: Path, cli: Cli) -> None:
    certified = cli("certify", run)
    assert certified.returncode == 0, certified.stderr
    assert "Lipschitz constant (L2) at most 0.99999" in certified.stdout
    assert "400 samples with radii (real)" in certified.stdout
    statement = json.loads((run / "certificate.json").read_text())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    verified = cli("verify", run, run / "certificate.json")
    assert verified.returncode == 0, verified.stdout
    assert "proved again: the radii of 400 samples" in verified.stdout
    assert "stated, not proved: `tool`" in verified.stdout
    assert "holds" in verified.stdout


def test_a_verdict_is_printed_for_programs(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lipbuild.certify(run / "plain.keras", output=run / "model.json")
    assert run_here(["verify", str(run / "plain.keras"), str(run / "model.json"), "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["status"], printed["verdict"]) == (0, "holds")
    assert printed["fields"]["/predicate/lipschitz"] == "proved"


def test_a_folder_is_not_replaced_by_a_certificate(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("years of work")
    with pytest.raises(UnusableError, match="it is a folder"):
        lipbuild.certify(run / "plain.keras", output=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("m.onnx", "an ONNX file", "--to keras"),
        ("m.tflite", "a LiteRT file", "--to keras"),
        ("m.h5", "an old HDF5 file", "model.save"),
        ("saved/saved_model.pb", "a SavedModel", "--to keras"),
    ],
)
def test_of_another_kind_of_file_it_is_said_what_can_be_certified(
    tmp_path: Path, name: str, kind: str, advice: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"1")
    target = path.parent if path.suffix == ".pb" else path
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(UnusableError, match=kind) as caught:
        lipbuild.certify(target)
    assert advice in caught.value.help
    # Damaged files of kinds that are verified.
    with pytest.raises(UnusableError):
        lipbuild.verify(target, tmp_path / "c.json")


def test_a_plain_export_is_certified_too(run: Path, cli: Cli, tmp_path: Path) -> None:
    lipbuild.export(run, ["keras"], tmp_path / "plain.keras")
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).normal(size=(20, 2)), y=np.arange(20) % 2)
    done = cli("certify", tmp_path / "plain.keras", "--data", tmp_path / "data.npz", "--semantics", "float32")
    assert done.returncode == 0, done.stderr
    assert "20 samples with radii (float32)" in done.stdout
    certificate = tmp_path / "plain.certificate.json"
    assert cli("verify", tmp_path / "plain.keras", certificate, "-d", tmp_path / "data.npz").returncode == 0
    unseen = cli("verify", tmp_path / "plain.keras", certificate)
    assert unseen.returncode == 3
    assert "if the radii are as stated: their data was not given" in unseen.stdout


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.full((3, 2), np.nan), None, "sample 0"),
        (np.full((3, 2), 1e300), None, "sample 0"),
        (np.zeros((3, 4)), None, "shape (3, 4)"),
        (np.zeros((0, 2)), None, "shape (0, 2)"),
        (np.float64(1.0), None, "single number"),
        (np.zeros((3, 2)), np.zeros(4), "labels"),
        (np.zeros((3, 2)), np.eye(3), "labels"),
        (np.zeros((3, 2)), np.array(["a", "b", "c"]), "labels"),
        (np.zeros((3, 2)), np.array([0.0, 1.0, np.nan]), "whole number"),
    ],
)
def test_data_without_radii_is_refused_with_the_reason(
    run: Path, tmp_path: Path, x: np.ndarray, y: np.ndarray | None, message: str
) -> None:
    np.savez(tmp_path / "data.npz", x=x, **({} if y is None else {"y": y}))
    with pytest.raises(RefusedError) as caught:
        lipbuild.certify(run / "plain.keras", tmp_path / "data.npz", tmp_path / "c.json")
    assert message in caught.value.message
    assert not (tmp_path / "c.json").exists()


def test_a_truncated_archive_is_named(run: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.zeros((30, 2)))
    (tmp_path / "data.npz").write_bytes((tmp_path / "data.npz").read_bytes()[:200])
    with pytest.raises(UnusableError, match=r"data\.npz: it cannot be read"):
        lipbuild.certify(run / "plain.keras", tmp_path / "data.npz", tmp_path / "c.json")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda p: p["nodes"][1].update(upper="0x1.0000000000000p-1"), "spectral_dense_1"),
        (lambda p: p["nodes"][2].update(constant="0x1.0000000000000p-1"), "group_sort2_1"),
        (lambda p: p["input"].update(preprocessing=["x / 2"], constant="0x0.0p+0"), "/predicate/input"),
        (lambda p: p.update(lipschitz="0x1.0000000000000p-2"), "lipschitz"),
        (lambda p: p["nodes"].pop(2), "nodes"),
        (lambda p: p["samples"]["radii"].__setitem__(3, "0x1.0000000000000p+3"), "sample 3"),
        (lambda p: p["samples"].update(accuracy=1.0), "samples"),
    ],
)
def test_a_certificate_that_states_more_does_not_hold(
    run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, change: object, where: str
) -> None:
    lipbuild.certify(run, output=tmp_path / "c.json")
    statement = json.loads((tmp_path / "c.json").read_text())
    assert callable(change)
    change(statement["predicate"])
    (tmp_path / "c.json").write_text(json.dumps(statement))
    assert run_here(["verify", str(run), str(tmp_path / "c.json")]) == 1
    printed = capsys.readouterr().out
    assert f"FAILED at {where}" in printed
    assert "does not hold" in printed


def test_a_certificate_about_other_weights_does_not_hold(run: Path, cli: Cli, tmp_path: Path) -> None:
    import keras

    lipbuild.certify(run, output=tmp_path / "c.json")
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    model = keras.saving.load_model(copy / "plain.keras", compile=False)
    kernel = model.layers[1].kernel
    value = np.array(kernel.numpy())
    value[0, 0] = np.nextafter(value[0, 0], np.float32(2))
    kernel.assign(value)
    model.save(copy / "plain.keras")
    done = cli("verify", copy, tmp_path / "c.json")
    assert done.returncode == 1
    assert "FAILED at weights" in done.stdout


def test_what_a_run_exports_to_keras_is_what_its_certificate_is_of(run: Path, tmp_path: Path) -> None:
    lipbuild.certify(run, output=tmp_path / "c.json")
    lipbuild.export(run, ["keras"], tmp_path / "export.keras")
    verdict = lipbuild.verify(tmp_path / "export.keras", tmp_path / "c.json")
    assert verdict.status == 3
    assert verdict.failures == ()


def test_an_older_run_gets_its_plain_file_with_its_certificate(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old"
    shutil.copytree(run, old)
    (old / "plain.keras").unlink()
    (old / "environment.json").write_text("{}")
    assert run_here(["verify", str(old), str(run / "certificate.json")]) == 2
    assert f"`lipbuild certify {old}` makes it" in capsys.readouterr().err
    assert run_here(["certify", str(old)]) == 0
    assert "plain.keras, the plain form of" in capsys.readouterr().out
    assert run_here(["verify", str(old), str(old / "certificate.json")]) == 0


def test_a_plain_file_of_another_network_is_noticed(run: Path, tmp_path: Path) -> None:
    import keras

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    model = keras.saving.load_model(copy / "plain.keras", compile=False)
    model.layers[1].kernel.assign(model.layers[1].kernel * 0.99)
    model.save(copy / "plain.keras")
    for statement in (lipbuild.evaluate, lambda folder: lipbuild.predict(folder, np.zeros((1, 2)))):
        with pytest.raises(RefusedError, match=r"it is not the network of model\.keras"):
            statement(copy)
    # The same weights in layers that do something else with them.
    model = keras.saving.load_model(run / "plain.keras", compile=False)
    model.layers[1].activation = keras.activations.selu
    model.save(copy / "plain.keras")
    with pytest.raises(RefusedError, match=r"it is not the network of model\.keras"):
        lipbuild.evaluate(copy, attack=False, plots=False)


def test_a_run_folder_of_a_later_version_is_refused_by_name(run: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    shutil.copytree(run, later)
    environment = json.loads((later / "environment.json").read_text())
    assert environment["version"] == 2
    (later / "environment.json").write_text(json.dumps(environment | {"version": 3}))
    with pytest.raises(
        UnusableError, match="a run folder of version 3, and this lipbuild reads those up to 2"
    ):
        lipbuild.certify(later)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with layers of lipbuild."""
    import keras

    from lipbuild.layers import OrthoDense, SpectralDense
    from lipbuild.model import Sequential

    path = tmp_path_factory.mktemp("own") / "net.keras"
    Sequential([keras.Input((3,)), SpectralDense(4, activation="relu"), OrthoDense(2)]).save(path)
    return path


def test_the_certificate_of_a_model_with_layers_of_lipbuild_is_of_its_plain_file(
    own: Path, cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import keras

    certificate, plain = tmp_path / "c.json", tmp_path / "net.plain.keras"
    assert run_here(["certify", str(own), "-o", str(certificate)]) == 0
    assert f"it is of {plain}, the plain form of {own}" in capsys.readouterr().out
    assert json.loads(certificate.read_text())["predicate"]["model"] == {"file": "net.plain.keras"}
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    models = [keras.saving.load_model(path, compile=False) for path in (own, plain)]
    np.testing.assert_allclose(models[0](x), models[1](x), atol=1e-6)
    assert run_here(["verify", str(plain), str(certificate)]) == 0
    assert capsys.readouterr().out.endswith(": holds\n")
    # That the two compute the same, nobody has proved.
    assert run_here(["verify", str(own), str(certificate)]) == 3
    assert f"holds, if {plain} computes what {own} computes" in capsys.readouterr().out
    plain.unlink()
    assert run_here(["verify", str(own), str(certificate)]) == 2
    assert f"its certificate is of {plain}, which is missing" in capsys.readouterr().err


def test_nothing_is_left_of_a_certificate_that_is_refused(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import keras

    from lipbuild.layers import SpectralDense

    path = tmp_path / "net.keras"
    layers = [keras.Input((3,)), SpectralDense(4), keras.layers.LayerNormalization()]
    keras.Sequential(layers).save(path)
    assert run_here(["certify", str(path)]) == 1
    assert "its own input" in capsys.readouterr().err
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 5)))
    assert (
        run_here(["certify", str(own), "-d", str(tmp_path / "data.npz"), "-o", str(tmp_path / "c.json")]) == 1
    )
    # A layer that stands where it cannot be made plain.
    inside = tmp_path / "inside.keras"
    keras.Sequential([keras.Input((2, 3)), keras.layers.TimeDistributed(SpectralDense(4))]).save(inside)
    assert run_here(["certify", str(inside)]) == 1
    assert "a layer of lipbuild inside another layer has none" in capsys.readouterr().err
    assert {p.name for p in tmp_path.iterdir()} == {"net.keras", "inside.keras", "data.npz"}


def test_a_certificate_of_version_1_is_refused_with_what_renews_it(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = lipbuild.certify(run, output=tmp_path / "c.json").statement
    statement["predicateType"] = "urn:lipbuild:certificate:v1"
    (tmp_path / "c.json").write_text(json.dumps(statement))
    assert run_here(["verify", str(run), str(tmp_path / "c.json")]) == 1
    printed = capsys.readouterr().out
    assert "is a certificate of version 1" in printed
    assert "`lipbuild certify MODEL` writes a new one" in printed


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"_type": 3}'])
def test_what_is_no_certificate_gives_one_message(
    run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    (tmp_path / "c.json").write_text(content)
    assert run_here(["verify", str(run), str(tmp_path / "c.json")]) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err


def test_verify_loads_no_tensorflow(run: Path, tmp_path: Path) -> None:
    assert run_here(["certify", str(run), "-o", str(tmp_path / "c.json")]) == 0
    program = f"""
import sys
from lipbuild.cli.run import run
assert run(["verify", {str(run)!r}, {str(tmp_path / "c.json")!r}]) == 0
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_run_that_silences_a_soundness_rule_is_not_certified(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "model:\n"
        "  lipschitz: 2.0\n"
        "  layers:\n"
        "    - MaxPooling2D: {pool_size: 3, strides: 2} # lipbuild: ignore[overlapping-max-pooling] tried out\n"
        "    - Flatten\n"
        "    - SpectralDense: {units: 10}\n"
        "data: {source: digits}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 5}}, epochs: 1}\n"
    )
    run = lipbuild.train(lipbuild.load(tmp_path / "c.yaml"), tmp_path / "runs", quiet=True).folder.path
    done = cli("certify", run)
    assert done.returncode == 1
    assert "silences `overlapping-max-pooling`, so nothing about it is certified" in done.stderr
    assert not (run / "certificate.json").exists()
