"""The space of a sweep: its ranges, its choices, and values that stand for all of them."""

import pytest
from pydantic import ValidationError

from lipbuild.config.config import Config, decode_config
from lipbuild.config.sweep.range import Range
from lipbuild.text.load import load
from lipbuild.text.nodes import plain
from lipbuild.text.text import SourceText

CONFIG = """
model: {input: [4], layers: [SpectralDense: {units: 2}]}
sweep:
  space:
    train.epochs: {low: 1, high: 100}
    train.batch_size: {low: 32, high: 128, step: 32}
    train.optimizer.learning_rate: {low: 1e-3, high: 1e-1, log: true}
    "model.layers[0].units": [2, 4]
  objectives: [accuracy, certified_accuracy: {radius: 0.25}]
"""


def config() -> Config:
    loaded = load(SourceText("config.yaml", CONFIG))
    assert loaded.root is not None
    found, problems = decode_config(loaded.root, SourceText("", "").folder)
    assert problems == ()
    return found


def test_the_values_that_stand_for_a_key_are_its_choices_or_its_ends_and_some_between() -> None:
    epochs, batch, rate, units = config().space
    assert [plain(node) for node in epochs.samples()] == [1, 2, 3, 4, 100]
    assert [plain(node) for node in batch.samples()] == [32, 64, 96, 128]
    assert [plain(node) for node in rate.samples()] == [1e-3, 1e-1]
    assert [plain(node) for node in units.samples()] == [2, 4]
    assert [key.count for key in config().space] == [100, 4, None, 2]


def test_each_step_of_a_path_knows_its_place() -> None:
    for key in config().space:
        texts = [span.text for span in key.spans]
        assert texts == [f"[{step}]" if isinstance(step, int) else step for step in key.steps]


def test_an_objective_is_called_by_its_name_and_radius() -> None:
    sweep = config().sweep
    assert sweep is not None
    assert [objective.label for objective in sweep.objectives] == ["accuracy", "certified_accuracy@0.25"]
    figures = {"accuracy": 0.9, "certified_accuracy": [{"radius": 0.25, "accuracy": 0.7}]}
    assert [objective.value(figures) for objective in sweep.objectives] == [0.9, 0.7]
    assert sweep.objectives[1].value({"certified_accuracy": []}) is None


def test_steps_are_taken_without_an_error_of_rounding() -> None:
    tenths = Range(low=0.1, high=0.7, step=0.1)
    assert [tenths.number(index) for index in range(7)] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert tenths.count == 7
    assert tenths.nearest(0.30000000000000004) == 0.3
    assert Range(low=1, high=9, step=4).number(1) == 5
    assert isinstance(Range(low=1, high=9).nearest(3.2), int)
    assert Range(low=1, high=9.0).count is None
    assert Range(low=1e-3, high=1.0, log=True).nearest(2.0) == 1.0


@pytest.mark.parametrize(
    "values",
    [
        {"low": 2, "high": 2},
        {"low": 0, "high": 1, "log": True},
        {"low": 1, "high": 8, "log": True, "step": 1},
        {"low": 0.0, "high": 1.0, "step": 0.3},
        {"low": 0.0, "high": 1.0, "step": 0.0},
        {"low": True, "high": 2},
    ],
)
def test_a_range_that_is_none_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Range(**values)
