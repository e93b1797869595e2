"""Which epoch is the best, and when a training is over."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pytest
import yaml

import lipbuild
from lipbuild.config.choices import LOSSES, METRICS, SCHEDULES
from lipbuild.config.columns import columns, epoch_columns
from lipbuild.config.sections import CertifySection, EarlyStoppingSection, TrainSection
from lipbuild.errors import RefusedError
from lipbuild.training.compile import keras_metrics
from lipbuild.training.meters import Meters
from lipbuild.training.monitor import Monitor
from tests.conftest import CONFIGS


def rows(*values: float) -> list[dict[str, float]]:
    return [{"val_loss": value, "val_accuracy": -value} for value in values]


@pytest.mark.parametrize("column", ["val_loss", "val_accuracy"])
def test_the_best_epoch_has_the_least_loss_or_the_greatest_accuracy(column: str) -> None:
    monitor = Monitor(column)
    assert monitor.best([]) is None
    assert monitor.best(rows(3, 1, 2)) == 1
    assert monitor.best(rows(3, 1, 1)) == 1, "the first of two"
    assert monitor.best(rows(math.nan, 5, math.inf)) == 1
    assert monitor.best(rows(math.nan)) is None
    assert not monitor.is_over(rows(*range(100)))


@pytest.mark.parametrize(
    ("arguments", "values", "over"),
    [
        ({"patience": 2}, [3, 2, 2], False),
        ({"patience": 2}, [3, 2, 2, 2], True),
        ({"patience": 2}, [3, 2, 2, 1, 2], False),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.9, 2.8], True),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.9, 2.4], False),
        ({"patience": 1, "start_from_epoch": 2}, [1, 2, 3], False),
        ({"patience": 1, "start_from_epoch": 2}, [1, 2, 3, 4], True),
        ({"patience": 2}, [math.nan, math.nan], True),
    ],
)
def test_a_training_is_over_when_patience_is(
    arguments: dict[str, float], values: list[float], over: bool
) -> None:
    for column in ("val_loss", "val_accuracy"):
        monitor = Monitor(column, EarlyStoppingSection.model_validate(arguments))
        assert monitor.is_over(rows(*values)) is over


def test_a_metric_of_another_name_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"`train\.monitor` is `val_los`"):
        Monitor("val_los").check(["loss", "val_loss"])


@pytest.mark.parametrize(
    "loss",
    [
        "{MulticlassHKR: {alpha: 10}}",
        "{HKR: {alpha: 10}}",
        "MeanSquaredError",
        "TRADES: {target_radius: 0.1}",
    ],
)
def test_the_checker_knows_the_columns_of_a_training(loss: str) -> None:
    parsed = yaml.safe_load(loss)
    kind, arguments = next(iter(parsed.items())) if isinstance(parsed, dict) else (parsed, {})
    spec = LOSSES[kind].model_validate(arguments)
    extra = [METRICS[name]() for name in METRICS if spec.task in METRICS[name].tasks]
    assert extra
    train = TrainSection.model_construct(loss=spec, metrics=extra)
    certify = CertifySection(radii=[0, 0.25, 1.0, 1e-7])
    measured = Meters(keras_metrics(spec.task, 1.0, certify.radii, extra))
    assert columns(train.loss, train.metrics, certify.radii) == epoch_columns(measured.names)
    if kind == "TRADES":
        # What follows from a radius changes with it.
        rising = spec.model_copy(
            update={"target_radius": SCHEDULES["Ramp"].model_validate({"start": 1.0, "end": 2.0})}
        )
        shown = epoch_columns(measured.names, ["target_radius", "temperature"])
        assert columns(rising, train.metrics, certify.radii) == shown


@pytest.mark.parametrize("choice", ["early_stopping={}", "restore_best_weights=true"])
def test_nothing_is_chosen_by_the_test_share_even_where_the_rule_is_silenced(
    choice: str, tmp_path: Path
) -> None:
    options = ["data.validation=0", f"train.{choice}"]
    key = choice.partition("=")[0]
    text = (CONFIGS / "digits_mlp.yaml").read_text()
    with pytest.raises(RefusedError, match=f"selection-on-test-data: `train.{key}` chooses the weights"):
        lipbuild.load(CONFIGS / "digits_mlp.yaml", options)
    silenced = tmp_path / "silenced.yaml"
    text = text.replace("  epochs: 30", f"  epochs: 30\n  {choice.replace('=', ': ')}")
    silenced.write_text(f"# lipbuild: ignore-file[selection-on-test-data] to see what happens\n{text}")
    with pytest.raises(RefusedError, match=f"`train.{key}` needs a validation share"):
        lipbuild.train(lipbuild.load(silenced, ["data.validation=0"]))


def test_the_best_weights_are_the_result(tmp_path) -> None:
    # The rate is so high from the third epoch on that the network gets worse.
    checked = lipbuild.load(
        CONFIGS / "digits_mlp.yaml",
        [
            "train.epochs=9",
            "train.optimizer={SGD: {learning_rate: "
            "{PiecewiseConstantDecay: {boundaries: [41], values: [0.5, 300.0]}}}}",
            "train.monitor=val_certified_0.25",
            "train.early_stopping={patience: 2}",
            "train.restore_best_weights=true",
        ],
    )
    run = lipbuild.train(checked, tmp_path, quiet=True)
    certified = [row["val_certified_0.25"] for row in run.history]
    best = int(np.argmax(certified))
    assert len(run.history) == best + 3
    assert certified[-1] < certified[best] - 0.05
    assert run.dataset.validation is not None
    validation = run.dataset.validation
    [last, result, kept] = [
        keras.saving.load_model(path, compile=False).predict(validation.x, verbose=0)
        for path in (run.folder.checkpoint, run.folder.model, run.folder.best)
    ]
    np.testing.assert_array_equal(result, kept)
    assert not np.array_equal(result, last)
    right = (result.argmax(axis=1) == validation.targets).mean()
    assert right == pytest.approx(run.history[best]["val_accuracy"], abs=1e-6)
