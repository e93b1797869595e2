"""Every format by itself: run without lipbuild, its metadata, what the gate and the card say of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lipbuild
from lipbuild.data.config_data import load_dataset
from lipbuild.data.contract.contract import read_contract
from lipbuild.errors import UnusableError
from lipbuild.exporting.export import export_path
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.hostile import hostile
from lipbuild.training.train import Run
from tests.exporting.c_code.programs import needs_compiler

# Programs as somebody writes them who has the files and their runtimes, and not lipbuild.
ONNX = """
import onnxruntime
session = onnxruntime.InferenceSession(paths["onnx"])
assert [i.name for i in session.get_inputs()] == ["input"]
names = [o.name for o in session.get_outputs()]
runs = {"onnx": lambda x: dict(zip(names, session.run(None, {"input": x})))}
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
OTHERS = """
import keras, tensorflow as tf
runner = tf.lite.Interpreter(model_path=paths["litert"]).get_signature_runner("serving_default")
served = tf.saved_model.load(paths["saved_model"]).signatures["serving_default"]
model = keras.saving.load_model(paths["keras"], safe_mode=True)
with np.load(paths["weights"]) as archive:
    built = keras.models.model_from_json(str(archive["architecture"]))
    for weight in built.weights:
        weight.assign(archive[weight.path])
runs = {
    "litert": lambda x: runner(input=x),
    "saved_model": lambda x: {k: v.numpy() for k, v in served(input=tf.constant(x)).items()},
    "keras": lambda x: model.predict(x, verbose=0),
    "weights": lambda x: built.predict(x, verbose=0),
}
"""


def data_of(run: Run) -> np.ndarray:
    checked = lipbuild.load(run.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    return load_dataset(checked.config, checked.graph).test.x


@pytest.mark.parametrize("runtimes", [ONNX, OTHERS], ids=["onnx", "others"])
def test_files_run_without_lipbuild_on_any_batch(
    runtimes: str, small: Run, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    x = data_of(small)
    np.save(tmp_path / "x.npy", x)
    program = f"""
import os, sys
import numpy as np
paths = { {name: str(exported.path) for name, exported in everywhere.items()} }
{runtimes}
x = np.load("x.npy")
for name, run in runs.items():
    outputs = run(x)
    assert set(outputs) == {{"logits", "label", "margin", "radius", "certified"}}
    one = run(x[5:6])
    assert all(one[k].shape == (1, *outputs[k].shape[1:]) for k in outputs)
    assert np.allclose(one["radius"], outputs["radius"][5:6], atol=1e-6)
    np.savez(name + ".npz", **{{k: np.asarray(v) for k, v in outputs.items()}})
assert not [m for m in sys.modules if m.split(".")[0] == "lipbuild"]
if "onnx" in runs:
    import lipbuild
    found = lipbuild.predict(paths["onnx"], x[:3]).rows
    assert [row["number"] for row in found] == runs["onnx"](x[:3])["label"].tolist()
    assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    logits = small.model.predict(x, verbose=0)
    ordered = np.sort(logits, axis=1)
    # The certificate's radii are of the same function; theirs subtract the rounding of float64 alone.
    statement = json.loads(small.folder.certificate.read_text())
    radii = np.array([float.fromhex(r) for r in statement["predicate"]["samples"]["radii"]])
    written = list(tmp_path.glob("*.npz"))
    assert len(written) == (1 if runtimes is ONNX else 4)
    for path in written:
        found = np.load(path)
        assert np.abs(found["logits"] - logits).max() <= 1e-5
        assert np.abs(found["margin"] - (ordered[:, -1] - ordered[:, -2])).max() <= 2e-5
        assert (found["label"] == logits.argmax(axis=1)).mean() > 0.99
        assert (found["radius"] <= radii + 1e-7).all()
        assert found["radius"].mean() > 0.8 * radii.mean() > 0.0


@pytest.mark.parametrize("name", [pytest.param(n, marks=needs_compiler if n == "c" else ()) for n in FORMATS])
def test_no_kernel_gives_a_label_to_what_is_no_number_or_too_large(
    name: str, small: Run, everywhere: dict[str, Exported]
) -> None:
    kind, x = FORMATS[name], data_of(small)[:4]
    inputs = hostile(x)
    norms = np.linalg.norm(inputs.reshape(len(inputs), -1).astype(np.float64), axis=1)
    none = ~(norms < 1e16)
    kernels = {"its own": kind.load(everywhere[name].path), **kind.other_kernels(everywhere[name].path)}
    assert len(kernels) == {"litert": 3, "onnx": 2}.get(name, 1)
    for run in kernels.values():
        found = run(inputs)
        assert (found["label"][none] == -1).all()
        assert (found["label"][~none] >= 0).all()
        assert (found["radius"][none] == 0).all()
        assert (found["margin"][none] == 0).all()
        assert (found["certified"] == (found["radius"] > 0)).all()
        assert run(x)["certified"].all()
        assert all(len(values) == 0 for values in run(x[:0]).values())


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_says_what_it_is(name: str, small: Run, everywhere: dict[str, Exported]) -> None:
    found = FORMATS[name].metadata(everywhere[name].path)
    assert found["model"] == "small"
    assert found["classes"] == [str(digit) for digit in range(10)]
    assert found["input"] == {
        "name": "input",
        "shape": [8, 8, 1],
        "units": "the range of a pixel, [0, 1]",
        "preprocessing": [],
        "preprocessing_inside": True,
    }
    assert list(found["outputs"]) == ["logits", "label", "margin", "radius", "certified"]
    assert found["radius"]["semantics"] == "real"
    digest = hashlib.sha256(small.folder.certificate.read_bytes()).hexdigest()
    assert found["certificate"]["status"] == everywhere[name].status
    assert found["certificate"]["sha256"] == digest
    assert 0 < found["lipschitz"]["proved"] <= found["lipschitz"]["promised"] == 1.0


@pytest.mark.parametrize("name", FORMATS)
def test_the_gates_report_lies_beside_the_file(
    name: str, small: Run, everywhere: dict[str, Exported]
) -> None:
    exported = everywhere[name]
    assert exported.report == exported.path.with_name(f"{exported.path.name}.gate.json")
    report = json.loads(exported.report.read_text())
    assert report["file"] == exported.path.name
    if exported.path.is_file():
        assert report["sha256"] == hashlib.sha256(exported.path.read_bytes()).hexdigest()
    assert set(report["outputs_compared"]["greatest_difference"]) == {"real", "one", "random", "extreme"}
    layers = {"spectral_conv2d_1", *(f"spectral_dense_{i}" for i in (1, 2, 3))}
    assert {k["layer"] for k in report["kernels"]} == layers
    certified = float.fromhex(json.loads(small.folder.certificate.read_text())["predicate"]["lipschitz"])
    assert report["lipschitz"]["at_most"] == certified
    # A kernel that LiteRT's converter has multiplied by a factor is rounded to float32 once more, to either side.
    excess = len(layers) * 2.0**-24 if exported.status == "re-derived" else 0.0
    assert 0 < report["lipschitz"]["proved"] <= certified * (1 + excess)


def test_runtimes_agree_to_the_sixth_decimal(everywhere: dict[str, Exported]) -> None:
    assert all(d.greatest <= 1e-6 for e in everywhere.values() for d in e.differences)


def test_the_certificate_covers_the_same_bits_and_no_others(everywhere: dict[str, Exported]) -> None:
    statuses = {name: exported.status for name, exported in everywhere.items()}
    # LiteRT's converter multiplies the factor of the residual into the kernel beside it.
    assert statuses.pop("litert") == "re-derived"
    assert set(statuses.values()) == {"covered"}
    report = json.loads(everywhere["litert"].report.read_text())
    assert report["weights"] == "rounded"


def test_files_for_serving_have_folded_kernels_and_keep_the_certified_constant(
    small: Run, fast: dict[str, Exported]
) -> None:
    certified = float.fromhex(json.loads(small.folder.certificate.read_text())["predicate"]["lipschitz"])
    for name, exported in fast.items():
        folded = name in ("saved_model", "onnx", "litert")
        assert FORMATS[name].metadata(exported.path)["optimized"] == folded, name
        assert exported.status == ("re-derived" if folded else "covered")
        assert exported.bound <= certified
        assert all(d.greatest <= 3e-6 for d in exported.differences)


def test_without_folding_the_files_hold_the_trained_bits(small: Run, tmp_path: Path) -> None:
    [exported] = lipbuild.export(
        *(small.folder.path, ["onnx"], tmp_path / "a.onnx"), with_radius=False, optimize=False
    )
    assert exported.status == "covered"


def test_a_served_file_has_the_gradient_of_the_model(small: Run, fast: dict[str, Exported]) -> None:
    import keras
    import tensorflow as tf

    served = tf.saved_model.load(str(fast["saved_model"].path))
    exact = keras.saving.load_model(fast["keras"].path)
    x = tf.constant(data_of(small)[:20])

    def gradient(function: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            logits = function(x)
            margin = logits[:, 0] - logits[:, 1]
        return np.asarray(tape.gradient(margin, x))

    found = gradient(served.serve)
    assert np.abs(found).max() > 1e-3
    assert np.abs(found - gradient(exact)).max() < 1e-5


def test_folding_that_does_not_pass_is_left_out(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lipbuild.building.optimized import Optimized, optimized_model
    from lipbuild.exporting import exporter

    def wrong(*arguments: Any) -> Optimized:
        made = optimized_model(*arguments)
        bias = made.model.layers[-1].bias
        bias.assign(bias + 1e-3)
        return made

    monkeypatch.setattr(exporter, "optimized_model", wrong)
    [exported] = lipbuild.export(small.folder.path, ["saved_model"], tmp_path / "served", with_radius=False)
    assert exported.status == "covered"
    assert not FORMATS["saved_model"].metadata(exported.path)["optimized"]


def test_a_page_about_the_model_lies_beside_the_files(small: Run, everywhere: dict[str, Exported]) -> None:
    lipbuild.evaluate(small.folder.path, attack=False, plots=False)
    lipbuild.export(small.folder.path, ["keras"])
    card = (small.folder.exports / "model_card.md").read_text()
    assert card.startswith("<!-- written by lipbuild export -->\n# small\n")
    for heading in ("Network", "What is certified", "Data", "Training", "Files", "Limits"):
        assert f"\n## {heading}\n" in card
    for exported in everywhere.values():
        assert f"`{exported.path.name}`" in card
    assert "| 0 (clean) | " in card
    assert hashlib.sha256(small.folder.certificate.read_bytes()).hexdigest() in card
    contract = read_contract(small.folder.path)
    assert contract is not None
    assert f"| test | 360 | `{contract.digests['test']}` |" in card
    # What `sha256sum data.json` prints.
    digest = hashlib.sha256((small.folder.path / "data.json").read_bytes()).hexdigest()
    assert f"`data.json`, has the SHA-256 `{digest}`" in card
    for kind in ("keras", "onnx", "litert", "saved_model", "weights"):
        said = FORMATS[kind].metadata(everywhere[kind].path)["data_contract"]
        assert said["sha256"] == digest
        assert said["parts"]["test"] == {"samples": 360, "digest": contract.digests["test"]}


def test_a_second_saved_model_takes_the_place_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export_path(out, "saved_model", "net", alone=True) == out
    out.mkdir()
    assert export_path(out, "saved_model", "net", alone=True) == out / "net_saved_model"
    (out / "saved_model.pb").write_bytes(b"")
    assert export_path(out, "saved_model", "net", alone=True) == out
    for name, alone in (("saved_model", False), ("keras", True)):
        with pytest.raises(UnusableError, match="this is a SavedModel"):
            export_path(out, name, "net", alone=alone)


def test_a_second_program_takes_the_place_of_the_first_and_of_nothing_else(
    everywhere: dict[str, Exported], small: Run, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    shutil.copytree(everywhere["c"].path, code)
    assert export_path(code, "c", "net", alone=True) == code
    assert export_path(code, "c", "net", alone=False) == code / "net_c"
    (code / "main.c").write_text("mine")
    with pytest.raises(UnusableError, match=r"`main\.c` lies in it"):
        lipbuild.export(small.folder.path, ["c"], code, overwrite=True)
    assert (code / "main.c").read_text() == "mine"
    with pytest.raises(UnusableError, match="is a folder"):
        export_path(tmp_path / "net.c", "c", "net", alone=True)
