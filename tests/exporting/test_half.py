"""Files with float16 kernels: another network, of which everything is proved anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.errors import RefusedError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.half import half_of
from lipbuild.serving.open_target import open_target
from lipbuild.training.train import Run
from lipbuild.verifier.errors import RefusedError as UnknownError
from lipbuild.verifier.exports.export import read_export

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def half(small: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    """The small network with float16 kernels and a radius."""
    folder = tmp_path_factory.mktemp("half")
    made = lipbuild.export(small.folder.path, ["litert", "onnx"], folder, quantize="float16")
    return {one.format: one for one in made}


@pytest.mark.parametrize("name", ["litert", "onnx"])
def test_a_radius_is_proved_of_the_rounded_kernels(
    name: str, half: dict[str, Exported], small: Run, everywhere: dict[str, Exported]
) -> None:
    exported, whole = half[name], everywhere[name]
    certified = json.loads(small.folder.certificate.read_text())["predicate"]["lipschitz"]
    # float16 rounds to either side; what is stated is what was proved of the rounded weights.
    assert 0 < abs(exported.bound - float.fromhex(certified)) < 1e-3
    assert 1e-6 < exported.difference < 1e-2
    assert exported.status == "re-derived"
    kernels = [w for w in FORMATS[name].weights(exported.path) if w.ndim > 1 and w.size > 1]
    # All but the distances, which a radius is divided by.
    assert [w.shape for w in kernels if w.dtype == np.float32] == [(10, 10)]
    assert sum(w.dtype == np.float16 for w in kernels) == 4
    verdict = lipbuild.verify(exported.path)
    assert (verdict.failures, verdict.status) == ((), 0)
    assert any("the constants that it rests on" in text for text in verdict.checked)
    metadata = open_target(exported.path).metadata
    assert (metadata["quantization"], metadata["certificate"]["status"]) == ("float16", "re-derived")
    x = np.random.default_rng(0).uniform(0, 1, (64, 8, 8, 1)).astype(np.float32)
    found, other = (FORMATS[name].predict(one.path, x) for one in (exported, whole))
    assert found["certified"].all()
    # By how much the logits moved, over the least distance of two.
    np.testing.assert_allclose(found["radius"], other["radius"], atol=0.01)


@pytest.mark.parametrize("name", ["litert", "onnx"])
def test_a_half_kernel_that_was_changed_is_noticed(
    name: str, half: dict[str, Exported], tmp_path: Path
) -> None:
    path = tmp_path / f"changed{FORMATS[name].suffix}"
    content = half[name].path.read_bytes()
    kernel = next(w for w in FORMATS[name].weights(half[name].path) if w.dtype == np.float16)
    changed = kernel.copy()
    changed.reshape(-1)[np.argmax(np.abs(kernel))] *= np.float16(1.01)
    assert content.count(kernel.tobytes()) == 1
    path.write_bytes(content.replace(kernel.tobytes(), changed.tobytes()))
    assert lipbuild.verify(path).status == 1
    with pytest.raises(RefusedError, match="it is not what it says of itself"):
        open_target(path)


def test_metadata_that_ask_for_another_arithmetic_are_refused(
    half: dict[str, Exported], tmp_path: Path
) -> None:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(half["litert"].path))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(b"fp16accfp16", np.uint8)
    entry.name, entry.buffer = "reduced_precision_support", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata.append(entry)
    flatbuffer_utils.write_model(model, str(tmp_path / "asks.tflite"))
    with pytest.raises(UnknownError, match="reduced_precision_support"):
        read_export(tmp_path / "asks.tflite")


def test_what_is_beyond_float16_is_refused_and_what_is_no_kernel_stays() -> None:
    kernel = np.array([[1.0 + 2.0**-12, 2.0]], np.float32)
    half = half_of(kernel, [])
    assert half is not None
    assert half.tolist() == [[1.0, 2.0]]
    assert half_of(kernel, [np.sort(kernel, axis=None)]) is None
    assert half_of(kernel[0], []) is None
    with pytest.raises(RefusedError, match="a weight of 70000 is beyond the range of float16"):
        half_of(kernel * np.float32(35000.0), [])
