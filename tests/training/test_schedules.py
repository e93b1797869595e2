"""Learning rates and parameters over the steps, against their formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lipbuild.config.choices import OPTIMIZERS, SCHEDULES
from lipbuild.training.compile import keras_optimizer
from lipbuild.training.schedules import keras_schedule

STEPS, EPOCHS = 10, 6


def rates(name: str, arguments: dict[str, Any], at: list[int]) -> list[float]:
    spec = SCHEDULES[name].model_validate(arguments)
    schedule = keras_schedule(spec, STEPS, STEPS * EPOCHS)
    return [float(schedule(step)) for step in at]


def test_a_decay_of_no_given_length_ends_with_the_training() -> None:
    found = rates("CosineDecay", {"initial_learning_rate": 2.0}, [0, 30, 60])
    assert found == pytest.approx([2.0, 1.0, 0.0], abs=1e-6)
    arguments = {"initial_learning_rate": 2.0, "end_learning_rate": 1.0}
    assert rates("PolynomialDecay", arguments, [0, 30, 60]) == pytest.approx([2.0, 1.5, 1.0])
    assert rates("CosineDecay", {"initial_learning_rate": 2.0, "decay_steps": 20}, [10, 20]) == pytest.approx(
        [1.0, 0.0], abs=1e-6
    )


def test_a_rate_falls_after_given_epochs() -> None:
    arguments = {"initial_learning_rate": 1.0, "epochs": [2, 4], "decay_rate": 0.5}
    found = rates("StepDecay", arguments, [0, 19, 20, 39, 40, 59])
    assert found == pytest.approx([1.0, 1.0, 0.5, 0.5, 0.25, 0.25])


def test_a_rise_leads_to_a_rate_or_into_a_schedule() -> None:
    rise = rates("WarmUp", {"learning_rate": 3.0, "epochs": 1.5}, [0, 6, 14, 15, 59])
    assert rise == pytest.approx([3 / 15, 3 * 7 / 15, 3.0, 3.0, 3.0])
    cosine = SCHEDULES["CosineDecay"].model_validate({"initial_learning_rate": 3.0})
    found = rates("WarmUp", {"learning_rate": cosine, "epochs": 2.0}, [0, 19, 20, 40, 60])
    # The cosine has the 40 steps that the rise leaves.
    assert found == pytest.approx([3 / 20, 3.0, 3.0, 1.5, 0.0], abs=1e-6)


def test_a_ramp_leads_from_one_value_to_another_and_stays_there() -> None:
    ends = {"start": 0.01, "end": 1.1}
    at = [0, 10, 20, 40, 59]
    ten = math.log(110) / 2
    for shape, middle in (
        ("linear", (0.01 + 1.1) / 2),
        ("logarithmic", 0.01 * math.exp(ten)),
        ("cosine", (0.01 + 1.1) / 2),
    ):
        found = rates("Ramp", {**ends, "epochs": 2.0, "shape": shape}, at)
        assert found == pytest.approx([0.01, middle, 1.1, 1.1, 1.1], rel=1e-5)
        assert found[2] == float(np.float32(1.1))
    assert rates("Ramp", ends, [0, 30, 60]) == pytest.approx([0.01, 0.555, 1.1])
    quarter = rates("Ramp", {**ends, "epochs": 4.0, "shape": "cosine"}, [10])
    assert quarter == pytest.approx([0.01 + 1.09 * (0.5 - 0.5 * math.cos(math.pi / 4))])
    assert SCHEDULES["Ramp"].model_validate(ends).spans_training()


WHOLE: dict[str, dict[str, Any]] = {
    "ExponentialDecay": {"initial_learning_rate": 2.0, "decay_steps": 10, "decay_rate": 0.5},
    "CosineDecay": {"initial_learning_rate": 0.1, "alpha": 0.2, "warmup_target": 2.0, "warmup_steps": 7},
    "CosineDecayRestarts": {"initial_learning_rate": 2.0, "first_decay_steps": 9, "alpha": 0.1},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "end_learning_rate": 2.0},
    "InverseTimeDecay": {"initial_learning_rate": 2.0, "decay_steps": 10, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [3, 30], "values": [0.5, 2.0, 1.0]},
    "StepDecay": {"initial_learning_rate": 2.0, "epochs": [1, 3], "decay_rate": 0.5},
    "WarmUp": {"learning_rate": SCHEDULES["Ramp"].model_validate({"start": 2.0, "end": 0.1})},
    "Ramp": {"start": 2.0, "end": 0.1, "shape": "logarithmic"},
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_knows_its_extremes_and_can_be_scaled(name: str) -> None:
    spec = SCHEDULES[name].model_validate(WHOLE[name])
    steps = range(STEPS * EPOCHS + 1)
    schedule, tripled = (keras_schedule(s, STEPS, STEPS * EPOCHS) for s in (spec, spec.scaled(3.0)))
    found = np.array([float(schedule(step)) for step in steps])
    assert [float(tripled(step)) for step in steps] == pytest.approx((3.0 * found).tolist(), rel=1e-5)
    values = [value for _, value in spec.extremes()]
    assert found.max() == pytest.approx(max(values))
    if name in ("ExponentialDecay", "InverseTimeDecay", "WarmUp"):
        assert found.min() > 0.0
    else:
        assert found.min() == pytest.approx(min(values), rel=0.1)
        assert found.min() >= min(values) * (1 - 1e-6)


def test_cosines_begin_again() -> None:
    arguments = {"initial_learning_rate": 1.0, "first_decay_steps": 10, "m_mul": 0.5}
    found = rates("CosineDecayRestarts", arguments, [0, 5, 10, 20, 30])
    assert found == pytest.approx([1.0, 0.5, 0.5, 0.25, 0.25], abs=1e-6)


def test_a_schedule_says_whether_it_spans_the_training() -> None:
    def spans(name: str, **arguments: Any) -> bool:
        return SCHEDULES[name].model_validate({"initial_learning_rate": 1.0, **arguments}).spans_training()

    assert spans("CosineDecay")
    assert not spans("CosineDecay", decay_steps=5)
    assert not spans("StepDecay", epochs=[1])
    cosine = SCHEDULES["CosineDecay"].model_validate({"initial_learning_rate": 1.0})
    assert SCHEDULES["WarmUp"].model_validate({"learning_rate": cosine}).spans_training()
    assert not SCHEDULES["WarmUp"].model_validate({"learning_rate": 1.0}).spans_training()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_lessens_a_loss_with_a_schedule_and_clipped_gradients(name: str) -> None:
    import keras
    import tensorflow as tf

    schedule = SCHEDULES["CosineDecay"].model_validate({"initial_learning_rate": 0.3})
    spec = OPTIMIZERS[name].model_validate({"learning_rate": schedule, "clipnorm": 1.0})
    optimizer = keras_optimizer(spec, STEPS, EPOCHS)
    variable = keras.Variable(np.full(3, 2.0), dtype="float32")
    optimizer.build([variable])
    values = []
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(variable.value))
        optimizer.apply([tape.gradient(loss, variable.value)], [variable])
        values.append(float(loss))
    assert values[-1] < values[0]
    assert math.isfinite(values[-1])
    assert float(optimizer.learning_rate) == pytest.approx(0.15 * (1 + math.cos(math.pi * 20 / 60)))
