from __future__ import annotations

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
