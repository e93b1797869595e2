"""The API takes what one has: arrays, data sets, runs, models; its defaults are the command line's."""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import typer

import lipbuild
from lipbuild.cli.app import app
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.attack.options import AttackOptions
from lipbuild.training.train import Run

CONFIG: dict[str, Any] = {
    "name": "given",
    "seed": 0,
    "model": {
        "input": [3],
        "layers": [{"SpectralDense": {"units": 4}}, "GroupSort2", {"SpectralDense": {"units": 2}}],
    },
    "data": {"test": 0.25, "validation": 0.2},
    "train": {"loss": {"TauCategoricalCrossentropy": {"tau": 10.0}}, "optimizer": "Adam", "epochs": 1},
    "certify": {"radii": [0.1]},
}


def samples(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int64)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run trained on arrays."""
    return lipbuild.train(CONFIG, tmp_path_factory.mktemp("given"), data=samples(200), quiet=True)


def test_what_was_trained_on_arrays_is_evaluated_and_resumed_from_its_folder(run: Run) -> None:
    (stored,) = run.folder.path.parent.glob("data-*.npz")
    assert np.array_equal(np.load(stored)["x"], samples(200)[0])
    evaluation = lipbuild.evaluate(run, attack=False, plots=False)
    assert evaluation.samples == 50
    assert lipbuild.evaluate(str(run.folder.path), attack=False, plots=False) == evaluation
    assert lipbuild.resume(run, quiet=True).history == run.history


def test_other_data_may_be_arrays_or_a_data_set(run: Run) -> None:
    import tensorflow as tf

    x, y = samples(30, seed=1)
    data = tf.data.Dataset.from_tensor_slices((x, y))
    by_arrays, one_by_one, batched = (
        lipbuild.evaluate(run, on=given, attack=False, plots=False) for given in ((x, y), data, data.batch(7))
    )
    assert by_arrays.samples == 30
    assert by_arrays.data.on == "arrays"
    assert by_arrays == one_by_one == batched


def test_a_run_goes_through_every_function_that_takes_one(run: Run, tmp_path: Path) -> None:
    certified = lipbuild.certify(run)
    assert lipbuild.verify(run, certified).holds
    assert lipbuild.verify(run).holds
    assert lipbuild.verify(certified, data=_test_part(run)).holds
    (exported,) = lipbuild.export(run, ["weights"])
    predicted = lipbuild.predict(run, samples(2)[0])
    compared = lipbuild.compare([run, run])
    audited = lipbuild.audit(run)
    assert lipbuild.report(run, tmp_path / "report.html").is_file()
    for result in (certified, exported, predicted, compared, audited, lipbuild.verify(run), run):
        assert result._repr_html_().startswith(("<table", "<pre"))
    assert repr(run) == f"Run({str(run.folder.path)!r}, 1 epochs)"


def _test_part(run: Run) -> tuple[Any, Any]:
    test = run.dataset.test
    return np.asarray(test.x[np.arange(len(test))]), np.asarray(test.targets)


def test_a_model_in_memory_is_certified_audited_and_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="mine")
    x, y = samples(5)
    certified = lipbuild.certify(model, (x, y))
    assert (certified.path.name, certified.model.name) == ("mine.certificate.json", "mine.keras")
    assert lipbuild.verify(certified, data=(x, y)).holds
    with pytest.raises(UnusableError, match=r"mine.keras: there is something already"):
        lipbuild.certify(model)
    assert lipbuild.audit(model).lipschitz == pytest.approx(certified.as_json()["lipschitz"])
    assert lipbuild.import_model(model, "imported.yaml").path == Path("imported.yaml")
    with pytest.raises(UnusableError, match="the model has no weights yet"):
        lipbuild.certify(keras.Sequential([keras.layers.Dense(2)]))


def test_a_checked_config_keeps_its_options() -> None:
    first = lipbuild.load({"model": CONFIG["model"]}, ["name=first"])
    assert lipbuild.load(first, ["seed=3"]).config.name == "first"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda: lipbuild.evaluate(3, attack=False, plots=False),
            UnusableError,
            "a run is needed, and this is a `int`",
        ),
        (lambda: lipbuild.train(3), UnusableError, "a config is needed, and this is a `int`"),
        (lambda: lipbuild.train(CONFIG, data=3), UnusableError, "data is needed, and this is a `int`"),
        (lambda: lipbuild.train(CONFIG, data=([1.0], [1, 2])), RefusedError, "each sample needs a label"),
        (lambda: lipbuild.train(CONFIG, data=(["a"], [1])), RefusedError, "numbers are needed"),
        (lambda: lipbuild.certify([1]), UnusableError, "a run is needed, and this is a `list`"),
        (lambda: lipbuild.compare([1, 2]), UnusableError, "a run is needed"),
    ],
)
def test_anything_else_is_refused_in_a_line(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


# By command: the function, and options that are called otherwise.
SAME: dict[str, tuple[str, dict[str, str]]] = {
    "train": ("train", {}),
    "sweep": ("sweep", {}),
    "evaluate": ("evaluate", {"radius": "radii"}),
    "predict": ("predict", {}),
    "certify": ("certify", {}),
    "verify": ("verify", {}),
    "audit": ("audit", {}),
    "export": ("export", {"to": "formats", "force": "overwrite"}),
    "bench": ("bench", {}),
    "import": ("import_model", {"force": "overwrite"}),
    "report": ("report", {}),
    "evidence": ("evidence", {"export": "exports"}),
    "data": ("describe_data", {}),
    "serve": ("serving_app", {}),
}


@pytest.mark.parametrize("command", SAME)
def test_defaults_are_those_of_the_command(command: str) -> None:
    function, called = SAME[command]
    parameters = inspect.signature(getattr(lipbuild, function)).parameters
    group: Any = typer.main.get_command(app)
    compared = 0
    for option in group.commands[command].params:
        name = called.get(option.name, option.name)
        if option.param_type_name == "argument" or name not in parameters:
            continue
        ours, its = parameters[name].default, option.default
        its = its.value if isinstance(its, Enum) else str(its) if isinstance(its, Path) else its
        # Nothing is nothing, however it is written.
        assert (ours or None, type(ours) is bool) == (its or None, type(its) is bool) or (
            ours in (None, ()) and its in (None, ())
        ), name
        compared += 1
    assert compared


def test_an_attack_is_by_default_what_the_command_makes() -> None:
    group: Any = typer.main.get_command(app)
    stated = {option.name: option.default for option in group.commands["evaluate"].params}
    assert AttackOptions() == AttackOptions(
        samples=stated["attack_samples"], steps=stated["attack_steps"], restarts=stated["attack_restarts"]
    )
