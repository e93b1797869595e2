"""What holds for each loss and each metric that a config may name."""

from __future__ import annotations

import inspect
import json
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import lipbuild
from lipbuild.config.choices import LOSSES, METRICS, SCHEDULES, LossSpec
from lipbuild.config.radius_losses import RadiusLossSpec
from lipbuild.data.labels import Targets, encode
from lipbuild.errors import RefusedError
from lipbuild.fields.choice import Choice
from lipbuild.rules.check import check
from lipbuild.text.text import SourceText
from lipbuild.training.compile import keras_loss, keras_metrics
from lipbuild.training.loss_schedules import LossSchedules

REQUIRED: dict[str, dict[str, Any]] = {
    "TauCategoricalCrossentropy": {"tau": 3.0},
    "TauSparseCategoricalCrossentropy": {"tau": 3.0},
    "TauBinaryCrossentropy": {"tau": 3.0},
    "HKR": {"alpha": 5.0},
    "EMMA": {"target_radius": 0.2},
    "AnnealedEMMA": {"target_radius": 0.2},
    "TRADES": {"target_radius": 0.2},
    "RadiusCrossentropy": {"target_radius": 0.2},
}
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("HKR", {"alpha": 0.0}),
    ("OffsetCrossentropy", {"target_radius": 0.25, "lip_const": 2.0}),
    ("OffsetCrossentropy", {"offset": 0.5, "temperature": 1.0}),
    ("LogitAnnealing", {"offset": 0.5, "beta": 0.5}),
    ("MulticlassSoftHKR", {"alpha": 2.0, "temperature": 5.0, "alpha_mean": 0.5}),
    ("LseHKR", {"alpha": 0.5, "temperature": 4.0}),
    ("CategoricalHinge", {"min_margin": 0.5}),
    ("AnnealedEMMA", {"target_radius": 0.2, "offset": 0.3, "beta": 1.0, "learn_scale": True}),
]
USES = [(name, REQUIRED.get(name, {})) for name in LOSSES] + OTHERS
CLASSES = 3


def _spec(name: str, arguments: dict[str, Any]) -> LossSpec:
    return LOSSES[name].model_validate(arguments)


def _labels(spec: LossSpec) -> tuple[np.ndarray, np.ndarray]:
    """Labels as the loss wants them, and class numbers (or numbers)."""
    rng = np.random.default_rng(0)
    if spec.task == "regression":
        values = rng.normal(size=(24, CLASSES)).astype(np.float32)
        return values, values
    classes = 2 if spec.task == "binary" else CLASSES
    numbers = rng.integers(classes, size=24)
    return encode(Targets(numbers, ()), spec.labels, classes), numbers


@pytest.mark.parametrize("cls", [*LOSSES.values(), *METRICS.values()], ids=lambda cls: cls.__name__)
def test_it_is_documented(cls: Any) -> None:
    assert (inspect.getdoc(cls) or "").splitlines()[0].endswith(".")
    for name, field in cls.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize(("name", "arguments"), USES, ids=lambda value: str(value))
def test_minimising_a_loss_learns_the_task(name: str, arguments: dict[str, Any]) -> None:
    spec = _spec(name, arguments)
    labels, targets = _labels(spec)
    loss = keras_loss(spec)
    start = np.random.default_rng(1).normal(size=(24, 1 if spec.task == "binary" else CLASSES))
    outputs = keras.Variable(start, dtype="float32")
    optimizer = keras.optimizers.SGD(15.0) if spec.task != "regression" else keras.optimizers.Adam(0.2)
    values = []
    for _ in range(20):
        with tf.GradientTape() as tape:
            value = loss(labels, outputs)
        optimizer.apply([tape.gradient(value, outputs.value)], [outputs])
        values.append(float(value))
    assert np.isfinite(values).all()
    assert values[-1] < values[0]
    learned = np.asarray(outputs)
    if spec.task == "regression":
        assert np.abs(learned - targets).mean() < 0.5 * np.abs(start - targets).mean()
    else:
        found = learned.argmax(axis=1) if spec.task == "multiclass" else learned[:, 0] > 0
        assert (found == targets).all()


def test_a_target_radius_becomes_an_offset_of_twice_the_margin_it_takes() -> None:
    loss = keras_loss(_spec("OffsetCrossentropy", {"target_radius": 0.25, "lip_const": 2.0}))
    assert float(loss.offset) == pytest.approx(2 * np.sqrt(2) * 0.25 * 2)


@pytest.mark.parametrize("name", [name for name, cls in LOSSES.items() if issubclass(cls, RadiusLossSpec)])
def test_two_ways_to_say_the_margin_are_refused(name: str) -> None:
    margin = LOSSES[name].margin  # type: ignore[attr-defined]
    arguments = {**REQUIRED.get(name, {}), "target_radius": 0.25}
    loss = keras_loss(_spec(name, arguments))
    assert float(getattr(loss, margin)) != float(
        getattr(keras_loss(_spec(name, REQUIRED.get(name, {}))), margin)
    )
    with pytest.raises(ValueError, match="two ways"):
        _spec(name, {**arguments, margin: 1.0})


SCHEDULED = [
    (name, key)
    for name, cls in LOSSES.items()
    for key, field in cls.model_fields.items()
    if any(isinstance(mark, Choice) for mark in field.metadata)
]


def test_every_number_that_a_loss_computes_with_may_have_a_schedule() -> None:
    numbers = {
        (name, key)
        for name, cls in LOSSES.items()
        for key, field in cls.model_fields.items()
        if field.annotation is not bool
    }
    others = {key for name, key in numbers - set(SCHEDULED)}
    # A network's constant, and what a running mean and Keras's cross-entropies make their own when they are built.
    assert others == {"lip_const", "alpha_mean", "label_smoothing"}


@pytest.mark.parametrize(("name", "key"), SCHEDULED, ids=str)
def test_a_loss_with_a_schedule_is_at_each_step_the_loss_with_that_value(name: str, key: str) -> None:
    text = {
        "model": {"input": [4], "layers": [{"SpectralDense": {"units": 4}}, {"SpectralDense": {"units": 4}}]}
    }
    graph = check(SourceText("config.yaml", json.dumps(text))).raise_for_errors().graph
    fixed = {k: v for k, v in REQUIRED.get(name, {}).items() if k != key}
    if key == "target_radius" and name == "LseHKR":
        fixed["temperature"] = 2.0
    ramp = SCHEDULES["Ramp"].model_validate({"start": 0.3, "end": 0.9, "epochs": 2.0})
    spec = _spec(name, {**fixed, key: ramp})
    loss = keras_loss(spec, graph, None, 5, 4)
    schedules = LossSchedules(spec, graph, loss, 5, 4)
    labels, _ = _labels(spec)
    outputs = np.random.default_rng(1).normal(size=(24, 1 if spec.task == "binary" else CLASSES))
    for step, value in ((None, 0.3), (5, 0.6), (20, 0.9)):
        if step is not None:
            schedules.set(step)
            assert schedules.values(step)[key] == pytest.approx(value)
        alike = keras_loss(_spec(name, {**fixed, key: value}), graph)
        if name == "MulticlassSoftHKR":
            # Its running mean starts from the margin, and goes its own way.
            loss.moving_mean.assign(1.0)
            alike.moving_mean.assign(1.0)
        assert float(loss(labels, outputs)) == pytest.approx(float(alike(labels, outputs)), rel=1e-5)


def test_a_schedule_that_leaves_the_range_with_the_steps_is_refused() -> None:
    text = {"model": {"input": [4], "layers": [{"SpectralDense": {"units": 4}}]}}
    graph = check(SourceText("config.yaml", json.dumps(text))).raise_for_errors().graph
    growing = {"initial_learning_rate": 0.5, "decay_steps": 5, "decay_rate": 1.5}
    spec = _spec("LseHKR", {"alpha": SCHEDULES["ExponentialDecay"].model_validate(growing)})
    LossSchedules(spec, graph, keras_loss(spec, graph), 5, 1)
    with pytest.raises(RefusedError, match=r"`train.loss.LseHKR.alpha` must be at most 1, .* makes it 1.125"):
        LossSchedules(spec, graph, keras_loss(spec, graph), 5, 2)


HEADS = [
    # The constant before the head, the head, what M / √2 then is, and M for two classes of the trained head.
    ({"SpectralDense": {"units": 3}}, 2.0, True),
    ({"LastLayerNormalized": {"units": 3, "k_coef_lip": 1.0}}, 2.0, True),
    ({"SpectralDense": {"units": 3, "activation": "tanh"}}, 2.0, False),
    ({"LastLayerNormalized": {"units": 3, "activation": "tanh", "k_coef_lip": 1.0}}, 2 * np.sqrt(2), False),
]


@pytest.mark.parametrize(("head", "constant", "pairwise"), HEADS, ids=str)
def test_a_loss_takes_its_constant_from_the_network(
    head: dict[str, Any], constant: float, pairwise: bool
) -> None:
    text = {
        "model": {
            "lipschitz": 4.0,
            "input": [4],
            "layers": [{"SpectralDense": {"units": 4, "k_coef_lip": 2.0}}, head],
        }
    }
    head[next(iter(head))].setdefault("k_coef_lip", 1.0)
    checked = check(SourceText("config.yaml", json.dumps(text)))
    assert checked.graph is not None
    model = lipbuild.build(checked)
    offset = keras_loss(_spec("OffsetCrossentropy", {"target_radius": 0.25}), checked.graph, model)
    assert float(offset.offset) == pytest.approx(2 * np.sqrt(2) * 0.25 * checked.graph.margin_bound / 2**0.5)
    for name in ("EMMA", "AnnealedEMMA", "TRADES", "RadiusCrossentropy"):
        loss = keras_loss(_spec(name, {"target_radius": 0.25}), checked.graph, model)
        assert float(loss.lip_const) == pytest.approx(constant, rel=1e-5)
        assert (loss.get_config()["head"] is not None) is pairwise
    own = keras_loss(_spec("EMMA", {"target_radius": 0.25, "lip_const": 3.0}), checked.graph, model)
    assert own.get_config()["head"] is None
    assert float(own.lip_const) == 3.0


def test_a_binary_loss_takes_the_constant_of_its_output() -> None:
    text = {
        "model": {"lipschitz": 2.0, "input": [4], "layers": [{"SpectralDense": {"units": 1}}]},
    }
    graph = check(SourceText("config.yaml", json.dumps(text))).graph
    assert graph is not None
    loss = keras_loss(_spec("HingeMargin", {"target_radius": 0.25}), graph)
    assert float(loss.min_margin) == pytest.approx(2 * 2.0 * 0.25)


def test_margins_of_zero_and_temperatures_of_zero_are_told_apart() -> None:
    _spec("MultiMargin", {"min_margin": 0.0})
    for name in ("OffsetCrossentropy", "LogitAnnealing", "LseHKR", "MulticlassSoftHKR"):
        with pytest.raises(ValueError, match="greater than 0"):
            _spec(name, {"temperature": 0.0})


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_measured_with_the_networks_constant(name: str) -> None:
    spec = METRICS[name]()
    for task in spec.tasks:
        known = {metric.name for metric in keras_metrics(task, 2.0, [], [])}
        extra = [m for m in keras_metrics(task, 2.0, [], [spec]) if m.name not in known]
        assert len(extra) == (0 if name == "MeanAbsoluteError" else 1)
        outputs = np.array([[1.0], [-3.0]]) if task == "binary" else np.array([[3.0, 1.0], [0.0, 4.0]])
        outputs = outputs.astype(np.float32)
        labels = np.array([[1.0], [0.0]]) if task == "binary" else np.eye(2)
        for metric in extra:
            metric.update_state(labels, outputs)
            value = float(metric.result())
            if spec.takes_constant:
                assert metric.lip_const == 2.0
            expected = {
                "BinaryProvableAvgRobustness": (1.0 + 3.0) / 2 / 2.0,
                "CategoricalProvableAvgRobustness": (2.0 + 4.0) / 2 / (np.sqrt(2) * 2.0),
                "KR": 1.0 - -3.0,
                "MulticlassKR": ((3.0 - 0.0) + (4.0 - 1.0)) / 2,
                "TopKCategoricalAccuracy": 1.0,
            }
            if name in expected:
                assert value == pytest.approx(expected[name])
            assert np.isfinite(value)


@pytest.mark.parametrize("name", [name for name, cls in METRICS.items() if "multiclass" in cls.tasks])
def test_a_metric_of_lipbuild_takes_class_numbers_too(name: str) -> None:
    if name == "TopKCategoricalAccuracy":
        pytest.skip("Keras's own takes one-hot rows")
    numbers, rows = (keras_metrics("multiclass", 1.0, [], [METRICS[name]()])[-1] for _ in range(2))
    outputs = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    labels = np.array([0, 2, 1, 1, 0])
    numbers.update_state(labels[:, np.newaxis], outputs)
    rows.update_state(np.eye(3, dtype=np.float32)[labels], outputs)
    assert float(numbers.result()) == pytest.approx(float(rows.result()))
