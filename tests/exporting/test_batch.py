"""ONNX files that take a fixed number of samples, and what makes code of them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.training.train import Run
from tests.exporting.c_code.programs import COMPILER, needs_compiler

onnx = pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(5, 8, 8, 1)).astype(np.float32)


@pytest.mark.parametrize("batch", [1, pytest.param(3, marks=pytest.mark.nightly)])
def test_a_file_of_a_fixed_batch_answers_as_that_of_any(
    batch: int, small: Run, everywhere: dict[str, Exported], samples: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "fixed.onnx"
    [exported] = lipbuild.export(small.folder.path, ["onnx"], path, batch=batch)
    assert exported.status == "covered"
    kind = FORMATS["onnx"]
    assert kind.metadata(path)["input"]["batch"] == batch
    assert "batch" not in kind.metadata(everywhere["onnx"].path)["input"]
    expected = kind.predict(everywhere["onnx"].path, samples)
    for rows in (0, 1, 5):
        found = kind.predict(path, samples[:rows])
        assert {name: values.shape for name, values in found.items()} == {
            name: values[:rows].shape for name, values in expected.items()
        }
        for name, values in found.items():
            np.testing.assert_allclose(values, expected[name][:rows], rtol=0, atol=2e-6)
    assert lipbuild.verify(path, small.folder.certificate).status == 0
    model = onnx.load(str(path))
    assert [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == [batch, 8, 8, 1]
    # Every size is known, and every name is that of a layer and an operation.
    known = {value.name: value for value in (*model.graph.value_info, *model.graph.output)}
    results = [name for node in model.graph.node for name in node.output]
    assert all(d.dim_value > 0 for name in results for d in known[name].type.tensor_type.shape.dim)
    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names)
    assert {"spectral_dense_1/MatMul", "flatten_1/Reshape"} < set(names)
    assert not [name for name in (*names, *results) if ":" in name or "__" in name or "small" in name]


def test_a_batch_of_nothing_is_refused(small: Run, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="`batch` is a whole number from 1 on"):
        lipbuild.export(small.folder.path, ["onnx"], tmp_path / "none.onnx", batch=0)


@pytest.mark.nightly
@needs_compiler
@pytest.mark.skipif(find_spec("emx_onnx_cgen") is None, reason="emx-onnx-cgen is not installed")
def test_a_generator_of_others_makes_code_of_it(
    small: Run, everywhere: dict[str, Exported], samples: np.ndarray, tmp_path: Path
) -> None:
    generate = [sys.executable, "-m", "emx_onnx_cgen", "compile"]
    for name, path in (("free", everywhere["onnx"].path), ("one", tmp_path / "one.onnx")):
        if name == "one":
            lipbuild.export(small.folder.path, ["onnx"], path, batch=1)
        code = [*generate, str(path), f"{name}.c", "--model-name", "net", "--large-weight-threshold", "0"]
        done = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=False)
        # It needs static shapes, which is what the option is for.
        assert (done.returncode == 0) is (name == "one"), done.stdout + done.stderr
    library = [COMPILER, "-O2", "-shared", "-fPIC", "one.c", "-lm", "-o", "one.so"]
    subprocess.run(library, cwd=tmp_path, check=True, capture_output=True)
    net = ctypes.CDLL(str(tmp_path / "one.so")).net
    expected = FORMATS["onnx"].predict(tmp_path / "one.onnx", samples)
    outputs = [value.name for value in onnx.load(str(tmp_path / "one.onnx")).graph.output]
    for i, sample in enumerate(samples):
        found = {name: np.zeros_like(expected[name][:1]) for name in outputs}
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (sample, *found.values())]
        net(*pointers)
        for name, values in found.items():
            np.testing.assert_allclose(values[0], expected[name][i], rtol=0, atol=2e-6)
