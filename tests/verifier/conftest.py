from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lipbuild.verifier import Verdict, verify
from lipbuild.verifier.digests import config_digest, weights_digest
from lipbuild.verifier.model_file import read_model
from tests.verifier.zoo import save_models


@dataclass(frozen=True)
class Certified:
    """A saved model with its certificate, and ways to tamper with both."""

    path: Path
    statement: dict[str, Any]
    x: np.ndarray
    y: np.ndarray
    outputs: np.ndarray

    @property
    def predicate(self) -> dict[str, Any]:
        return self.statement["predicate"]

    def row(self, name: str) -> dict[str, Any]:
        """The first stated node whose name starts so."""
        return next(row for row in self.predicate["nodes"] if row["name"].startswith(name))

    def verified(self, **keywords: Any) -> Verdict:
        """The verdict with the data, unless another is asked for."""
        return verify(self.path, self.statement, **({"inputs": self.x, "labels": self.y} | keywords))

    def changed(
        self,
        target: Path,
        *,
        config: Callable[[Any], Any] | None = None,
        weight: tuple[str, Callable[[np.ndarray], Any]] | None = None,
        resign: bool = True,
    ) -> Certified:
        """A copy of the model with another configuration or another weight, which the certificate names if asked to."""
        with zipfile.ZipFile(self.path) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        if config is not None:
            value = json.loads(content["config.json"])
            content["config.json"] = json.dumps(config(value) or value).encode()
        if weight is not None:
            buffer = io.BytesIO(content["model.weights.h5"])
            with h5py.File(buffer, "r+") as file:
                name, change = weight
                file[name][...] = change(file[name][...])
            content["model.weights.h5"] = buffer.getvalue()
        with zipfile.ZipFile(target, "w") as archive:
            for name, value in content.items():
                archive.writestr(name, value)
        statement = copy.deepcopy(self.statement)
        if resign:
            found, weights = read_model(target)
            digests = {"config.json": config_digest(found), "weights": weights_digest(weights)}
            for subject in statement["subject"]:
                subject["digest"]["sha256"] = digests[subject["name"]]
        return Certified(target, statement, self.x, self.y, self.outputs)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all models. The mutations of the verifier make it once for all."""
    given = os.environ.get("LIPBUILD_TEST_MODELS")
    folder = Path(given) if given else tmp_path_factory.mktemp("models")
    if not (folder / "main.exact.json").exists():
        save_models(folder)
    return folder


@pytest.fixture
def keras() -> Any:
    """Keras, for a test that makes a model of its own; where the models are given it need not be loaded."""
    if os.environ.get("LIPBUILD_TEST_MODELS"):
        pytest.skip("the models are given")
    import keras

    import lipbuild.layers  # noqa: F401

    return keras


@pytest.fixture
def certified(models: Path) -> Callable[[str], Certified]:
    """A model by name, with a certificate of one's own to change."""

    def load(name: str, statement: str = "") -> Certified:
        with np.load(models / f"{name}.npz") as data:
            x, y, outputs = data["x"], data["y"], data["outputs"]
        text = (models / f"{statement or name}.json").read_text()
        return Certified(models / f"{name}.keras", json.loads(text), x, y, outputs)

    return load


@pytest.fixture
def main(certified: Callable[[str], Certified]) -> Certified:
    return certified("main")


def fails(verdict: Verdict, where: str) -> None:
    assert not verdict.holds
    assert any(where in failure.where for failure in verdict.failures), verdict.failures
