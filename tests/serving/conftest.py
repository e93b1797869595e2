from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import lipbuild
from lipbuild.training.train import Run

CONFIG = """
name: wine
model:
  layers: [SpectralDense: {units: 8}, GroupSort2, SpectralDense: {units: 3}]
data: {source: wine, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, optimizer: {Adam: {learning_rate: 1e-2}}, epochs: 5}
"""
# The command line where neither TensorFlow nor Keras can be imported.
LIGHT = """
import sys

sys.modules["tensorflow"] = sys.modules["keras"] = None
from lipbuild.cli.run import run

sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture(scope="package")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small network of thirteen measurements and three classes, certified."""
    folder = tmp_path_factory.mktemp("wine")
    (folder / "wine.yaml").write_text(CONFIG)
    run = lipbuild.train(folder / "wine.yaml", folder, quiet=True)
    lipbuild.certify(run.folder.path)
    return run


@pytest.fixture(scope="package")
def exports(wine: Run) -> dict[str, Path]:
    """The run, a file that computes a radius, and files that do not."""
    with_radius = wine.folder.path / "radius"
    found = {"run": wine.folder.path}
    for exported in lipbuild.export(wine.folder.path, ["onnx", "keras"], with_radius, with_radius=True):
        found[f"{exported.format} with radius"] = exported.path
    for exported in lipbuild.export(wine.folder.path, ["saved_model", "litert", "weights"]):
        found[exported.format] = exported.path
    return found


@dataclass(frozen=True)
class Served:
    """A process of `lipbuild serve`.

    Attributes:
        process: The process.
        port: Where it listens.
    """

    process: subprocess.Popen[str]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self, signal: int) -> str:
        """End it by a signal, and return what it has written; it ends with 0 and without a word of error."""
        self.process.send_signal(signal)
        output, errors = self.process.communicate(timeout=60)
        assert (self.process.returncode, errors) == (0, "")
        return output


@contextmanager
def serving(target: Path, *options: str) -> Iterator[Served]:
    """`lipbuild serve` without TensorFlow, listening."""
    process = subprocess.Popen(
        [sys.executable, "-c", LIGHT, "serve", str(target), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"at http://127\.0\.0\.1:(\d+)", line)
        assert found is not None, line + process.communicate()[1]
        yield Served(process, int(found[1]))
    finally:
        process.kill()
        process.communicate()
