"""Preprocessing inside an export, or left to whoever runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.exporting.formats import FORMATS
from lipbuild.training.train import Run


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Run:
    config = {
        "name": "prepared",
        "model": {
            "layers": [
                "Flatten",
                {"SpectralDense": {"units": 16}},
                "GroupSort2",
                {"SpectralDense": {"units": 10}},
            ]
        },
        "data": {
            "source": "digits",
            "validation": 0.1,
            "preprocess": [
                {"Rescaling": {"scale": 2.0, "offset": -1.0}},
                {"Normalization": {"least_std": 0.25}},
            ],
        },
        "train": {"loss": {"TauCategoricalCrossentropy": {"tau": 10.0}}, "epochs": 1},
    }
    run = lipbuild.train(config, tmp_path_factory.mktemp("prepared"), quiet=True)
    lipbuild.certify(run.folder.path)
    return run


@pytest.mark.parametrize(
    ("name", "optimize"), [("keras", False), ("onnx", True), ("onnx", False), ("litert", True)]
)
def test_a_file_takes_the_data_or_what_the_preprocessing_makes(
    name: str, optimize: bool, prepared: Run, tmp_path: Path
) -> None:
    suffix = FORMATS[name].suffix
    inside, outside = (
        lipbuild.export(
            *(prepared.folder.path, [name], tmp_path / f"{inside}{suffix}"),
            preprocess=inside,
            optimize=optimize,
        )[0]
        for inside in (True, False)
    )
    x = np.random.default_rng(0).random((20, 8, 8, 1)).astype(np.float32)
    expected = prepared.model.predict(x, verbose=0)
    assert np.abs(FORMATS[name].predict(inside.path, x)["logits"] - expected).max() <= 1e-5
    # What the resolved config says, by hand.
    steps = json.loads(json.dumps(lipbuild.load(prepared.folder.resolved).config.tree["data"]["preprocess"]))
    made = x * np.float32(2.0) - np.float32(1.0)
    normal = steps[1]["Normalization"]
    deviation = np.sqrt(np.asarray(normal["variance"], np.float32))
    made = (made - np.asarray(normal["mean"], np.float32)) / np.maximum(deviation, 0.25)
    assert np.abs(FORMATS[name].predict(outside.path, made)["logits"] - expected).max() <= 1e-4
    found = FORMATS[name].metadata(outside.path)
    assert [list(step) for step in found["input"]["preprocessing"]] == [["Rescaling"], ["Normalization"]]
    assert found["input"]["preprocessing"][0] == {"Rescaling": {"scale": 2.0, "offset": -1.0}}
    assert found["input"]["preprocessing"][1]["Normalization"]["mean"] == normal["mean"]
    assert not found["input"]["preprocessing_inside"]
    assert FORMATS[name].metadata(inside.path)["input"]["preprocessing_inside"]
    # The standardisation multiplies by up to 4, and 2 before it.
    assert inside.bound > 1.0 >= outside.bound
    assert found["lipschitz"]["promised"] == 1.0
    if name == "keras":
        assert (inside.status, outside.status) == ("covered", "partial")


def test_the_radius_is_in_the_units_of_what_the_file_takes(prepared: Run, tmp_path: Path) -> None:
    x = np.random.default_rng(1).random((30, 8, 8, 1)).astype(np.float32)
    for inside in (True, False):
        [exported] = lipbuild.export(
            *(prepared.folder.path, ["onnx"], tmp_path / f"{inside}.onnx"),
            preprocess=inside,
            with_radius=True,
        )
        found = FORMATS["onnx"].metadata(exported.path)
        assert found["input"]["units"] == (
            "the range of a pixel, [0, 1]" if inside else "what the preprocessing makes of the data"
        )
        radii = FORMATS["onnx"].predict(exported.path, x)["radius"]
        assert (radii >= 0).all()
