"""What the gate refuses, whatever the converter did."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.building.plain import plain_model
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.trained import load_trained
from lipbuild.exporting import formats
from lipbuild.exporting.export import export_model
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.gate import check_outputs, check_plain, float32_limits
from lipbuild.exporting.keras_format import KerasFormat
from lipbuild.exporting.options import ExportOptions
from lipbuild.exporting.probes import probes
from lipbuild.exporting.read_back import read_back
from lipbuild.exporting.served import Served
from lipbuild.exporting.source import Source
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.train import Run


@pytest.fixture
def plain(small: Run) -> keras.Model:
    trained = load_trained(RunFolder(small.folder.path))
    return plain_model(trained.model, trained.graph)


def kernels(model: keras.Model) -> dict[str, np.ndarray]:
    return {w.path: np.asarray(w) for w in model.weights if w.path.endswith("/kernel")}


def test_inputs_of_the_gate_are_real_random_and_extreme() -> None:
    real = np.random.default_rng(0).random((1500, 4, 3)).astype(np.float32)
    found = probes(real)
    assert len(found["real"]) == 1000
    assert len(found["one"]) == 1
    for inputs in found.values():
        assert inputs.dtype == np.float32
        assert inputs.shape[1:] == (4, 3)
        assert np.isfinite(inputs).all()
    extreme = found["extreme"]
    assert (extreme == 0).all(axis=(1, 2)).any()
    assert np.abs(extreme).max() > 900 * np.abs(real).max()
    assert np.abs(extreme[extreme != 0]).min() < 1e-38


@pytest.mark.parametrize("kind", ["real", "random", "extreme", "one"])
def test_an_output_that_differs_on_any_kind_of_inputs_is_refused(kind: str) -> None:
    inputs = probes(np.ones((4, 3), np.float32))
    source = {k: {"logits": x[:, :2]} for k, x in inputs.items()}

    def exported(x: np.ndarray) -> dict[str, np.ndarray]:
        wrong = 2e-5 if x is inputs[kind] else 0.0
        return {"logits": x[:, :2] * (1.0 + wrong) + wrong}

    assert check_outputs("test", lambda x: {"logits": x[:, :2]}, source, inputs)
    with pytest.raises(RefusedError, match=f"on {kind} inputs, and at most 1e-05 is allowed"):
        check_outputs("test", exported, source, inputs)


def test_the_tolerance_is_the_resolution_of_the_outputs() -> None:
    inputs = probes(np.ones((4, 3), np.float32))
    small = {k: {"logits": np.ones((len(x), 2), np.float32)} for k, x in inputs.items()}
    kilograms = {k: {"values": np.full((len(x), 1), 2969.5, np.float32)} for k, x in inputs.items()}

    def allowed(source: dict[str, dict[str, np.ndarray]], error: float) -> float:
        return float(float32_limits(inputs, source, lambda norms: np.full(len(norms), error))["real"].max())

    assert allowed(small, 1.0) == 1e-5
    assert allowed(kilograms, 1.0) == 16 * 2.0**-23 * 2969.5
    assert allowed(kilograms, 1e-3) == 2e-3
    assert allowed(kilograms, 0.0) == allowed(kilograms, np.inf) == 1e-5
    assert float32_limits(inputs, kilograms, None)["real"].max() == 1e-5
    off = {k: {"values": v["values"] + np.float32(0.1)} for k, v in kilograms.items()}
    limits = float32_limits(inputs, kilograms, lambda norms: np.ones(len(norms)))
    with pytest.raises(RefusedError, match=r"differs from the plain network by 0\.1 on real inputs"):
        check_outputs(
            "test", lambda x: next(off[k] for k in off if inputs[k] is x), kilograms, inputs, limits
        )


def test_an_output_that_is_missing_or_no_number_is_refused() -> None:
    inputs = probes(np.ones((4, 3), np.float32))
    source = {k: {"logits": x[:, :2]} for k, x in inputs.items()}
    with pytest.raises(RefusedError, match="has no output `logits`"):
        check_outputs("test", lambda x: {"other": x}, source, inputs)
    with pytest.raises(RefusedError, match="differs from the plain network by nan"):
        check_outputs("test", lambda x: {"logits": x[:, :2] * np.nan}, source, inputs)


def test_weights_are_found_in_any_order_of_axes(plain: keras.Model) -> None:
    weights = {w.path: np.asarray(w) for w in plain.weights}
    constants = [w.transpose()[np.newaxis] if w.ndim == 4 else w.transpose() for w in weights.values()]
    found = read_back(plain, constants, list(weights))
    assert set(found) == set(weights)
    for path, weight in weights.items():
        assert found[path].same
        assert np.array_equal(found[path].values, weight)


def test_a_factor_of_the_network_that_was_multiplied_in_is_divided_out_upwards(plain: keras.Model) -> None:
    weights, path = kernels(plain), "spectral_dense_2/kernel"
    factor = np.float32(plain.get_layer("residual_1_branch").scale)
    folded = (weights[path] * factor).T
    others = [weight for name, weight in weights.items() if name != path]
    found = read_back(plain, [*others, folded], list(weights))
    assert not found[path].same
    product = found[path].values * float(factor)
    assert (np.abs(product) >= np.abs(folded.T.astype(np.float64))).all()
    assert np.allclose(found[path].values, weights[path], rtol=1e-6)


def test_a_weight_that_is_not_in_the_file_is_refused(plain: keras.Model) -> None:
    constants = kernels(plain)
    path = "spectral_dense_3/kernel"
    for wrong in (constants[path] * np.float32(1.00001), constants[path][::-1]):
        others = [v for k, v in constants.items() if k != path]
        with pytest.raises(RefusedError, match="`spectral_dense_3/kernel` is not among"):
            read_back(plain, [*others, wrong], list(constants))


class Tampered(KerasFormat):
    """A converter that makes one kernel larger, and the bias or nothing else smaller."""

    def write(self, served: Served, path: Path) -> None:
        wrong = keras.models.clone_model(served.model)
        wrong.set_weights(served.model.get_weights())
        kernel = wrong.get_layer("spectral_dense_3").kernel
        kernel.assign(kernel * 1.0001)
        wrong.save(path)


class Unread(KerasFormat):
    """A file whose outputs are right, and whose weights are not those of the network."""

    def weights(self, path: Path) -> Sequence[np.ndarray]:
        return [w * np.float32(1.001) for w in super().weights(path)]


@pytest.mark.parametrize("wrong", [Tampered(), Unread()], ids=["tampered", "unread"])
def test_a_converter_that_changes_a_kernel_is_found_out(
    wrong: KerasFormat, small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats._OWN, "keras", wrong)
    with pytest.raises(RefusedError, match="nothing was exported"):
        lipbuild.export(small.folder.path, ["keras"], tmp_path / "a.keras", with_radius=False)
    assert list(tmp_path.iterdir()) == []


def copy_of(run: Run, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(run.folder.path, tmp_path / "copy")))


def test_a_certificate_of_another_model_is_refused(small: Run, tmp_path: Path) -> None:
    run = copy_of(small, tmp_path)
    statement = json.loads(run.certificate.read_text())
    statement["subject"][1]["digest"]["sha256"] = "0" * 64
    run.certificate.write_text(json.dumps(statement))
    with pytest.raises(RefusedError, match="about another model"):
        lipbuild.export(run.path, ["keras"], tmp_path / "a.keras")
    run.certificate.write_text("{")
    with pytest.raises(RefusedError, match="cannot be read as a certificate"):
        lipbuild.export(run.path, ["keras"], tmp_path / "a.keras")


def test_without_a_certificate_the_file_says_so(small: Run, tmp_path: Path) -> None:
    run = copy_of(small, tmp_path)
    run.certificate.unlink()
    [exported] = lipbuild.export(run.path, ["weights"], tmp_path / "a.npz", with_radius=False)
    assert exported.status == "none"
    report = json.loads(exported.report.read_text())
    assert report["certificate"]["status"] == "none"
    assert report["lipschitz"]["proved"] == exported.bound


def test_where_a_soundness_rule_is_silenced_nothing_is_certified(small: Run, tmp_path: Path) -> None:
    trained = load_trained(RunFolder(small.folder.path))
    source = Source(
        trained.model,
        trained.plain,
        trained.graph,
        "multiclass",
        np.ones((3, 8, 8, 1), np.float32),
        voided_by=("overlapping-max-pooling",),
    )
    [exported] = export_model(source, ["weights"], tmp_path / "a.npz", ExportOptions())
    assert exported.status == "void"
    metadata = FORMATS["weights"].metadata(exported.path)
    assert metadata["lipschitz"]["proved"] is None
    assert metadata["certificate"]["silenced_rules"] == ["overlapping-max-pooling"]
    with pytest.raises(RefusedError, match="no radius can be computed in a network whose config silences"):
        export_model(source, ["weights"], tmp_path / "b.npz", ExportOptions(with_radius=True))


def test_numbers_of_eight_bits_have_no_constant(small: Run, tmp_path: Path) -> None:
    path = tmp_path / "int8.tflite"
    [exported] = lipbuild.export(small.folder.path, ["litert"], path, quantize="int8", with_radius=False)
    assert exported.status == "void"
    report = json.loads(exported.report.read_text())
    assert report["quantization"] == "int8"
    assert "besides" not in report["outputs_compared"], "the tolerance is absolute"
    assert report["lipschitz"]["proved"] is None
    assert "8 bits" in report["certificate"]["reason"]
    with pytest.raises(RefusedError, match="differs from the plain network"):
        lipbuild.export(
            *(small.folder.path, ["litert"], tmp_path / "b.tflite"),
            quantize="int8",
            tolerance=1e-7,
            with_radius=False,
        )
    with pytest.raises(RefusedError, match="cannot compute a radius"):
        lipbuild.export(
            small.folder.path, ["litert"], tmp_path / "b.tflite", quantize="int8", with_radius=True
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"formats": ["onyx"]}, "no format `onyx`"),
        ({"quantize": "int4"}, "`quantize` is one of none, float16, int8"),
        ({"semantics": "exact"}, "`semantics` is one of real, float32"),
        ({"arithmetic": "float16"}, "`arithmetic` is one of float32, double"),
        ({"formats": ["keras"], "tolerance": 0.0}, "`tolerance` is a positive number, and this is 0"),
        ({"formats": ["keras"], "tolerance": 0.1}, "a tolerance of 0.1 is asked for, and 1e-05 is the most"),
    ],
)
def test_options_that_are_none_are_refused(arguments: dict[str, Any], message: str, small: Run) -> None:
    with pytest.raises((UnusableError, RefusedError), match=message):
        lipbuild.export(small.folder.path, **arguments)


def test_a_file_of_somebody_elses_is_not_replaced(small: Run, tmp_path: Path) -> None:
    (tmp_path / "a.keras.card.md").write_text("mine")
    with pytest.raises(UnusableError, match="there is a file of this name already"):
        lipbuild.export(small.folder.path, ["keras"], tmp_path / "a.keras", with_radius=False)
    assert (tmp_path / "a.keras.card.md").read_text() == "mine"
    assert not (tmp_path / "a.keras").exists()


@pytest.mark.parametrize("layer", ["{OrthoDense: {units: 8}}", "Householder"])
def test_of_kernels_that_a_layer_computes_the_file_holds_the_certified_ones(
    layer: str, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text(
        f"""
name: computed
model:
  input: [2]
  layers: [{{SpectralDense: {{units: 8}}}}, {layer}, {{FrobeniusDense: {{units: 1}}}}]
data: {{source: {{moons: {{samples: 100}}}}, validation: 0.2}}
train: {{loss: {{HKR: {{alpha: 10, min_margin: 0.2}}}}, epochs: 1}}
"""
    )
    run = lipbuild.train(tmp_path / "c.yaml", tmp_path, quiet=True)
    [before] = lipbuild.export(run.folder.path, ["weights"], tmp_path / "before.npz")
    lipbuild.certify(run.folder.path)
    [after] = lipbuild.export(run.folder.path, ["weights"], tmp_path / "after.npz")
    assert (before.status, after.status) == ("none", "covered")


def test_a_file_of_several_outputs_is_refused_with_the_reason(everywhere: dict[str, Exported]) -> None:
    path = everywhere["keras"].path
    with pytest.raises(RefusedError, match="5 outputs"):
        lipbuild.certify(path)
    # An audit looks at the layers of its logits.
    assert lipbuild.audit(path).lipschitz == everywhere["keras"].bound
    with pytest.raises(RefusedError, match="`logits`, `label`"):
        lipbuild.import_model(path)


def test_a_plain_network_that_computes_something_else_is_refused(small: Run) -> None:
    inputs = probes(np.ones((4, 3), np.float32))
    trained = {kind: {"logits": x[:, :2]} for kind, x in inputs.items()}
    lipschitz = load_trained(RunFolder(small.folder.path)).graph.lipschitz
    check_plain(trained, trained, inputs, lipschitz, 4)
    plain = trained | {"random": {"logits": trained["random"]["logits"] + 1e-2}}
    with pytest.raises(RefusedError, match="plain network differs from the trained model"):
        check_plain(plain, trained, inputs, lipschitz, 4)
