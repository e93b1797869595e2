"""The C++ examples of the documentation, compiled and run: what a program learns from a file, and what it answers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from tests.conftest import ROOT

EXAMPLES = ROOT / "docs" / "cpp"
# By format: the package whose library is linked, where that lies in it, and what the library is called.
LIBRARIES = {
    "onnx": ("onnxruntime", "capi/libonnxruntime.so*", "libonnxruntime.so"),
    "litert": ("ai_edge_litert", "libLiteRt.so", "libLiteRt.so"),
}
LITERT_HEADERS = ("common", "compiled_model", "environment", "model", "options", "tensor_buffer")


def folder_of(package: str) -> Path:
    """Where a package is installed; the test is skipped where it is not."""
    found = find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed")
    return Path(found.origin).parent


def compiled(name: str, tmp_path: Path) -> Path:
    """An example as a program. Headers of the machine come first, and ours where it has none."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler is installed")
    package, pattern, library = LIBRARIES[name]
    found = sorted(folder_of(package).glob(pattern))
    if not found:
        pytest.skip(f"no {library} is installed with {package}")
    for link in (library, f"{library}.1"):
        (tmp_path / link).symlink_to(found[0])
    headers = tmp_path / "litert" / "c"
    headers.mkdir(parents=True)
    for part in LITERT_HEADERS:
        (headers / f"litert_{part}.h").write_text("#include <litert.h>\n")
    # Debian's `nlohmann-json3-dev`, or the copy in TensorFlow.
    copies = folder_of("tensorflow").glob("include/external/*/include/*/thirdparty/nlohmann")
    program = tmp_path / f"{name}.out"
    after = (tmp_path, Path(__file__).parent, *(copy.parent for copy in copies))
    command = [
        *(compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror"),
        *(word for folder in after for word in ("-idirafter", str(folder))),
        *(str(EXAMPLES / f"{name}.cpp"), "-o", str(program)),
        *(f"-L{tmp_path}", f"-l:{library}", f"-Wl,-rpath,{tmp_path}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


def said(output: str) -> Mapping[str, str]:
    """The lines that a program prints, by what they are about."""
    return dict(line.split(": ", 1) for line in output.splitlines())


@pytest.mark.nightly
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_program_reads_what_a_file_says_and_answers(
    name: str, everywhere: dict[str, Exported], fast: dict[str, Exported], tmp_path: Path
) -> None:
    program = compiled(name, tmp_path)
    path, metadata = everywhere[name].path, FORMATS[name].metadata(everywhere[name].path)
    done = subprocess.run([program, path], capture_output=True, text=True, check=True)
    found = said(done.stdout)
    assert found["input"] == f'"input" [8,8,1] in {json.dumps(metadata["input"]["units"])}'
    assert json.loads(found["classes"]) == metadata["classes"]
    assert float(found["Lipschitz constant"]) == metadata["lipschitz"]["proved"]
    assert json.loads(found["radius"]) == metadata["radius"]
    assert {of: found[f"SHA-256 of {of}"] for of in metadata["digests"]} == metadata["digests"]
    answer = FORMATS[name].predict(path, np.zeros((1, 8, 8, 1), np.float32))
    match = re.fullmatch(r"label (-?\d+), radius (\S+), certified (\d)", found["zeros"])
    assert match is not None, found["zeros"]
    assert (int(match[1]), int(match[3])) == (answer["label"][0], answer["certified"][0])
    assert float(match[2]) == pytest.approx(float(answer["radius"][0]), rel=1e-4)
    # Without a radius there is nothing to answer.
    done = subprocess.run([program, fast[name].path], capture_output=True, text=True, check=True)
    assert said(done.stdout)["radius"] == "null"
