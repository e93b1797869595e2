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
    lipbuild.certify(run / "model.keras", output=run / "model.json")
    assert run_here(["verify", str(run / "model.keras"), str(run / "model.json"), "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["status"], printed["verdict"]) == (0, "holds")
    assert printed["fields"]["/predicate/lipschitz"] == "proved"


def test_a_folder_is_not_replaced_by_a_certificate(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("years of work")
    with pytest.raises(UnusableError, match="it is a folder"):
        lipbuild.certify(run / "model.keras", output=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("m.onnx", "an ONNX file", "--format keras"),
        ("m.tflite", "a LiteRT file", "--format keras"),
        ("m.h5", "an old HDF5 file", "model.save"),
        ("saved/saved_model.pb", "a SavedModel", "--format keras"),
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
    for verb in (lambda: lipbuild.certify(target), lambda: lipbuild.verify(target, tmp_path / "c.json")):
        with pytest.raises(UnusableError, match=kind) as caught:
            verb()
        assert advice in caught.value.help


def test_a_plain_export_is_certified_too(run: Path, cli: Cli, tmp_path: Path) -> None:
    lipbuild.export(run, ["keras"], tmp_path / "plain.keras")
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).normal(size=(20, 2)), y=np.arange(20) % 2)
    done = cli("certify", tmp_path / "plain.keras", "--data", tmp_path / "data.npz", "--semantics", "float32")
    assert done.returncode == 0, done.stderr
    assert "20 samples with radii (float32)" in done.stdout
    certificate = tmp_path / "plain.certificate.json"
    assert cli("verify", tmp_path / "plain.keras", certificate, "-d", tmp_path / "data.npz").returncode == 0
    unseen = cli("verify", tmp_path / "plain.keras", certificate)
    assert "not looked at: `lipbuild.json`" in unseen.stdout
    assert "not looked at: the radii" in unseen.stdout


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
        lipbuild.certify(run / "model.keras", tmp_path / "data.npz", tmp_path / "c.json")
    assert message in caught.value.message
    assert not (tmp_path / "c.json").exists()


def test_a_truncated_archive_is_named(run: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.zeros((30, 2)))
    (tmp_path / "data.npz").write_bytes((tmp_path / "data.npz").read_bytes()[:200])
    with pytest.raises(UnusableError, match=r"data\.npz: it cannot be read"):
        lipbuild.certify(run / "model.keras", tmp_path / "data.npz", tmp_path / "c.json")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda p: p["nodes"][1].update(upper="0x1.0000000000000p-1"), "spectral_dense_1"),
        (lambda p: p["nodes"][2].update(constant="0x1.0000000000000p-1"), "group_sort2_1"),
        (lambda p: p["input"].update(constant="0x0.0p+0"), "input"),
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
    model = keras.saving.load_model(copy / "model.keras", compile=False)
    kernel = model.layers[1].kernel
    value = np.array(kernel.numpy())
    value[0, 0] = np.nextafter(value[0, 0], np.float32(2))
    kernel.assign(value)
    model.save(copy / "model.keras")
    done = cli("verify", copy, tmp_path / "c.json")
    assert done.returncode == 1
    assert "FAILED at weights" in done.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"_type": 3}'])
def test_what_is_no_certificate_gives_one_message(
    run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    (tmp_path / "c.json").write_text(content)
    assert run_here(["verify", str(run), str(tmp_path / "c.json")]) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err


def test_neither_command_loads_tensorflow(run: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from lipbuild.cli.run import run
assert run(["certify", {str(run)!r}, "-o", {str(tmp_path / "c.json")!r}]) == 0
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
