from __future__ import annotations

from collections.abc import Iterator

import pytest

import lipbuild
from lipbuild.exporting.c_code import c_format, compilers
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.training.train import Run

CONFIG = """
name: small
model:
  lipschitz: 1.0
  input: [8, 8, 1]
  layers:
    - SpectralConv2D: {filters: 6, kernel_size: 3, strides: 2}
    - GroupSort2
    - ScaledAveragePooling2D: {pool_size: 2}
    - Flatten
    - Residual: {alpha: 0.3, layers: [{SpectralDense: {units: 24}}, GroupSort2, {SpectralDense: {units: 24}}]}
    - SpectralDense: {units: 10}
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, optimizer: {Adam: {learning_rate: 1e-2}}, epochs: 2}
export: {formats: [keras, saved_model, onnx, litert, weights, c], with_radius: true}
"""


@pytest.fixture(scope="package", autouse=True)
def one_build() -> Iterator[None]:
    """C is compiled once for an export here: every compiler and level are tried by `c_code/`, most of them at night."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c_format, "builds", lambda: compilers.builds()[:1])
        yield


@pytest.fixture(scope="package")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small convolutional network of the digits, trained and certified."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.yaml").write_text(CONFIG)
    run = lipbuild.train(folder / "small.yaml", folder, quiet=True)
    lipbuild.certify(run.folder.path)
    return run


@pytest.fixture(scope="package")
def everywhere(small: Run) -> dict[str, Exported]:
    """Its export to every format, as its config says, into the run's own folder."""
    exported = {one.format: one for one in lipbuild.export(small.folder.path)}
    assert set(exported) == set(FORMATS)
    return exported


@pytest.fixture(scope="package")
def fast(small: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    """The exports without a radius: sorting is rotated into the kernels of files for serving."""
    folder = tmp_path_factory.mktemp("fast")
    return {e.format: e for e in lipbuild.export(small.folder.path, None, folder, with_radius=False)}
