"""The Python API: lazy, callable whatever has been imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lipbuild
from lipbuild.errors import RefusedError, UnusableError
from tests.conftest import CONFIGS


def test_every_function_of_the_api_is_there_and_documented() -> None:
    for name in lipbuild.__all__:
        if name != "__version__":
            assert getattr(lipbuild, name).__doc__, name
    assert set(lipbuild.__all__) <= set(dir(lipbuild))
    assert "import_module" not in dir(lipbuild)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        lipbuild.nothing  # noqa: B018


def test_a_result_of_check_is_short_to_print() -> None:
    checked = lipbuild.check(CONFIGS / "digits_mlp.yaml")
    assert repr(checked).endswith("digits_mlp.yaml', 6,570 parameters)")
    assert repr(lipbuild.check({"model": {"layers": ["Dense"]}})) == "Checked('config', 2 errors)"
    assert len(repr(checked.config)) < 10_000


def test_packages_need_no_import_and_functions_that_share_their_name_can_be_called() -> None:
    program = """
import sys, lipbuild
assert "keras" not in sys.modules
assert lipbuild.layers.GroupSort2 and lipbuild.losses.HKR and lipbuild.errors.RefusedError
import lipbuild.building.model, lipbuild.exporting.gate
assert lipbuild.building.model.build_model and lipbuild.exporting.gate.check_norms
model = lipbuild.build("configs/moons_hkr.yaml")
assert model.count_params() == 10753
try:
    lipbuild.export("nowhere")
except lipbuild.errors.UnusableError as error:
    assert "nowhere" in str(error)
else:
    raise AssertionError
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CONFIGS.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_deel_lips_models_can_be_imported_from_the_top() -> None:
    import keras

    from lipbuild import Model, Sequential, vanillaModel

    assert issubclass(Sequential, keras.Sequential)
    assert issubclass(Model, keras.Model)
    assert callable(vanillaModel)


def test_check_returns_findings_and_load_raises_them(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("model: {input: [4], layers: [Dense: {units: 2}]}\n")
    checked = lipbuild.check(path)
    assert not checked.ok
    assert [d.rule for d in checked.diagnostics] == ["plain-dense"]
    with pytest.raises(RefusedError, match="plain-dense"):
        lipbuild.load(path)
    with pytest.raises(UnusableError):
        lipbuild.check(tmp_path / "nowhere.yaml")


def test_an_untrained_model_keeps_its_constant() -> None:
    import numpy as np

    model = lipbuild.build(CONFIGS / "digits_residual.yaml")
    rng = np.random.default_rng(0)
    x, step = rng.normal(size=(2, 500, 8, 8, 1)).astype(np.float32)
    moved = model.predict(x + step, verbose=0) - model.predict(x, verbose=0)
    gain = np.linalg.norm(moved, axis=1) / np.linalg.norm(step.reshape(500, -1), axis=1)
    assert gain.max() <= 1.0
