"""Losses that look as far as a radius, and margins that are given by one."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lipbuild import losses
from lipbuild.config.choices import LOSSES
from lipbuild.config.radius_losses import RadiusLossSpec
from lipbuild.config.schedules import Ramp
from lipbuild.layers import LastLayerNormalized, OrthoDense, SpectralDense
from lipbuild.losses.pairwise_loss import PairwiseLoss

rng = np.random.default_rng(0)
LOGITS = rng.normal(size=(12, 4)).astype("float32")
CLASSES = rng.integers(4, size=12)
LABELS = np.eye(4, dtype="float32")[CLASSES]


def log_softmax(x: np.ndarray) -> np.ndarray:
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def distances(head: keras.layers.Layer | None) -> np.ndarray:
    if head is None:
        return np.sqrt(2) * (1 - np.eye(4))
    columns = np.asarray(head(np.eye(8, dtype="float32"))) - np.asarray(head(np.zeros((1, 8), "float32")))
    return np.linalg.norm(columns[:, :, None] - columns[:, None, :], axis=0)


HEADS = {
    "any network": lambda: None,
    "SpectralDense": lambda: SpectralDense(4, k_coef_lip=2.0),
    "OrthoDense": lambda: OrthoDense(4, k_coef_lip=2.0),
    "LastLayerNormalized": lambda: LastLayerNormalized(4, k_coef_lip=2.0),
    "Dense": lambda: keras.layers.Dense(4),
}


@pytest.mark.parametrize("kind", HEADS)
def test_emma_asks_of_each_class_what_it_can_give(kind):
    head = HEADS[kind]()
    if head is not None:
        head.build((None, 8))
    reach = 0.3 * 1.5 * distances(head)[CLASSES]
    margins = LOGITS[np.arange(12), CLASSES][:, None] - LOGITS
    share = np.clip(margins / np.where(reach > 0, reach, 1), 0.01, 1)
    expected = -0.5 * log_softmax((LOGITS + share * reach) / 0.5)[np.arange(12), CLASSES].mean()
    loss = losses.EMMA(0.3, temperature=0.5, lip_const=1.5, head=head)
    for labels in (LABELS, CLASSES, CLASSES[:, None]):
        assert float(loss(labels, LOGITS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", HEADS)
def test_trades_adds_the_divergence_from_the_prediction_with_a_rival(kind):
    head = HEADS[kind]()
    if head is not None:
        head.build((None, 8))
    predicted = LOGITS.argmax(-1)
    rivals = LOGITS + 0.3 * 1.5 * distances(head)[predicted]
    rivals[np.arange(12), predicted] = -np.inf
    logits = np.concatenate([LOGITS, rivals.max(-1, keepdims=True)], axis=-1) / 0.5
    clean, whole = log_softmax(LOGITS / 0.5), log_softmax(logits)
    divergence = (np.exp(clean) * (clean - whole[:, :4])).sum(-1)
    expected = 0.5 * (-clean[np.arange(12), CLASSES] + 2.0 * divergence).mean()
    loss = losses.TRADES(0.3, lam=2.0, temperature=0.5, lip_const=1.5, head=head)
    for labels in (LABELS, CLASSES):
        assert float(loss(labels, LOGITS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", HEADS)
def test_the_cross_entropy_of_radii_asks_for_twice_the_radius_against_each_class(kind):
    head = HEADS[kind]()
    if head is not None:
        head.build((None, 8))
    apart = 1.5 * distances(head)[CLASSES]
    margins = LOGITS[np.arange(12), CLASSES][:, None] - LOGITS
    radii = margins / np.where(apart > 0, apart, 1)
    wrong = np.where(LABELS > 0, 0.0, np.exp(np.sqrt(2) * 1.5 * (0.6 - radii) / 0.5))
    expected = 0.5 * np.log1p(wrong.sum(-1)).mean()
    loss = losses.RadiusCrossentropy(0.3, temperature=0.5, lip_const=1.5, head=head)
    for labels in (LABELS, CLASSES, CLASSES[:, None]):
        assert float(loss(labels, LOGITS)) == pytest.approx(expected, rel=1e-5)
    if head is None:
        # All differences are √2 L apart then.
        offset = losses.OffsetCrossentropy(target_radius=0.3, temperature=0.5, lip_const=1.5)
        assert float(offset(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_annealing_follows_what_emma_leaves():
    reach = 0.3 * 1.5 * distances(None)[CLASSES]
    margins = LOGITS[np.arange(12), CLASSES][:, None] - LOGITS
    share = np.clip(margins / np.where(reach > 0, reach, 1), 0.01, 1)
    logits = LOGITS + share * reach
    logits[np.arange(12), CLASSES] -= 0.7
    entropy = -log_softmax(logits / 0.5)[np.arange(12), CLASSES]
    expected = (0.5 * (1 - np.exp(-entropy)) ** 2 * entropy).mean()
    loss = losses.AnnealedEMMA(0.3, temperature=0.5, offset=0.7, beta=2.0, lip_const=1.5)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    # Of the paper 2 beside 3/4, for a number and for a schedule.
    assert float(losses.AnnealedEMMA(0.3, temperature=0.3).offset) == pytest.approx(0.8)
    spec = LOSSES["AnnealedEMMA"].model_validate({"target_radius": Ramp(start=0.1, end=0.3)})
    offset = spec.for_constant(2.0).arguments()["offset"]
    assert (offset.start, offset.end) == pytest.approx((0.8 / 3, 0.8))


def test_a_scale_of_the_logits_is_what_a_free_first_layer_would_do():
    loss, plain = losses.EMMA(0.3, temperature=0.5, learn_scale=True), losses.EMMA(0.3, temperature=0.25)
    assert float(loss(LABELS, LOGITS)) == float(losses.EMMA(0.3, temperature=0.5)(LABELS, LOGITS))
    loss.log_scale.assign(np.log(2.0))
    assert float(loss(LABELS, LOGITS)) == pytest.approx(2.0 * float(plain(LABELS, LOGITS)), rel=1e-5)
    with tf.GradientTape() as tape:
        value = loss(LABELS, LOGITS)
    assert float(tape.gradient(value, loss.log_scale.value)) != 0.0
    assert losses.EMMA.from_config(loss.get_config()).learn_scale


def test_no_gradient_passes_through_the_shares_of_emma():
    x = tf.Variable([[2.0, 0.0]])
    with tf.GradientTape() as tape:
        value = losses.EMMA(1.0, temperature=1.0)(np.array([0]), x)
    # Beyond the radius the whole of it is asked for; the slope is that of a cross-entropy with an offset.
    shifted = np.array([2.0, np.sqrt(2.0)])
    np.testing.assert_allclose(
        tape.gradient(value, x)[0], np.exp(log_softmax(shifted)) - [1.0, 0.0], rtol=1e-5
    )


@pytest.mark.parametrize("cls", [losses.EMMA, losses.TRADES, losses.RadiusCrossentropy])
def test_a_loss_with_a_head_trains_it_and_finds_it_again_after_loading(cls, tmp_path):
    keras.utils.set_random_seed(0)
    head = LastLayerNormalized(4, name="head")
    model = keras.Sequential([keras.Input((8,)), SpectralDense(8), head])
    model.compile(keras.optimizers.Adam(1e-2), cls(0.2, head=head))
    x = rng.normal(size=(12, 8)).astype("float32")
    first = model.evaluate(x, LABELS, verbose=0)
    model.fit(x, LABELS, epochs=30, verbose=0)
    last = model.evaluate(x, LABELS, verbose=0)
    assert np.isfinite(last)
    assert last < first
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    with pytest.raises(ValueError, match="attach"):
        loaded.loss(LABELS, LOGITS)
    loaded.loss.attach(loaded)
    assert float(loaded.loss(LABELS, loaded(x))) == pytest.approx(last, rel=1e-5)
    # What is loaded without its loss has all its weights.
    np.testing.assert_array_equal(
        keras.saving.load_model(tmp_path / "model.keras", compile=False)(x), model(x)
    )


def test_equal_columns_of_a_head_have_gradients():
    head = keras.layers.Dense(4, kernel_initializer="ones")
    head.build((None, 8))
    with tf.GradientTape() as tape:
        value = sum(
            loss(0.5, head=head)(LABELS, LOGITS)
            for loss in (losses.EMMA, losses.TRADES, losses.RadiusCrossentropy)
        )
    assert np.isfinite(tape.gradient(value, head.kernel)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.EMMA(0.0), "target_radius=0.0"),
        (lambda: losses.TRADES(0.1, lam=-1.0), "lam=-1.0"),
        (lambda: losses.EMMA(0.1, temperature=0.0), "temperature=0.0"),
        (lambda: losses.HKR(1.0, 1.0, target_radius=0.5), "not both"),
        (lambda: losses.MultiMargin(target_radius=-0.5), "target_radius=-0.5"),
        (lambda: losses.LogitAnnealing(target_radius=0.5, lip_const=0.0), "lip_const=0.0"),
    ],
)
def test_what_has_no_meaning_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "head", [keras.layers.Dense(4), keras.layers.Dense(4, activation="tanh"), keras.layers.Flatten()]
)
def test_a_head_that_is_no_linear_map_is_refused(head):
    if isinstance(head, keras.layers.Dense) and head.activation is not keras.activations.linear:
        head.build((None, 8))
    with pytest.raises(ValueError, match="head"):
        losses.EMMA(0.1, head=head)(LABELS, LOGITS)


MARGINS = {
    "HKR": ({"alpha": np.inf}, 1),
    "HingeMargin": ({}, 1),
    "MulticlassHinge": ({}, 4),
    "MulticlassHKR": ({"alpha": np.inf}, 4),
    "MultiMargin": ({}, 4),
    "CategoricalHinge": ({}, 4),
}


@pytest.mark.parametrize("name", MARGINS)
def test_a_hinge_with_a_target_radius_ends_where_that_radius_is_certified(name):
    arguments, outputs = MARGINS[name]
    loss = getattr(losses, name)(**arguments, target_radius=0.25, lip_const=2.0)
    # A margin by which radius 0.25 is certified on a network of constant 2, and a little less.
    for factor, ends in ((1.0 + 1e-6, True), (0.99, False)):
        if outputs == 1:
            y, f = np.array([[1.0], [0.0]]), np.array([[0.5], [-0.5]]) * factor
        else:
            y, f = np.eye(4), np.sqrt(2) * 0.5 * factor * (np.eye(4) - 0.5)
        value = float(loss(y.astype("float32"), f.astype("float32")))
        assert (value == 0.0) is ends


def test_the_other_margins_follow_from_a_radius_too():
    assert float(losses.LseHKR(target_radius=0.25, lip_const=2.0).min_margin) == pytest.approx(np.sqrt(2) / 2)
    soft = losses.MulticlassSoftHKR(target_radius=0.25, lip_const=2.0)
    assert float(soft.min_margin) == pytest.approx(np.sqrt(2) / 2)
    for cls in (losses.OffsetCrossentropy, losses.LogitAnnealing):
        loss = cls(target_radius=0.25, lip_const=2.0)
        assert loss.get_config()["offset"] == pytest.approx(np.sqrt(2))
        assert cls.from_config(loss.get_config()).get_config() == loss.get_config()


@pytest.mark.parametrize("name", [name for name in LOSSES if issubclass(LOSSES[name], RadiusLossSpec)])
def test_the_checker_knows_what_margin_a_loss_asks_for(name: str) -> None:
    cls = LOSSES[name]
    needed = {"alpha": 2.0} if "alpha" in cls.model_fields and cls.model_fields["alpha"].is_required() else {}
    for given in ({}, {cls.margin: 0.7}, {"target_radius": 0.3}, {"target_radius": 0.3, "lip_const": 5.0}):
        spec = cls(**needed, **given)
        by_network = {"target_radius": 0.3, "lip_const": 2.0} if given == {"target_radius": 0.3} else {}
        loss = getattr(losses, name)(**(spec.arguments() | by_network))
        assert spec.margin_for(2.0) == pytest.approx(float(getattr(loss, cls.margin)), rel=1e-6), given
        if "temperature" in cls.model_fields:
            stated = spec.for_constant(2.0)
            assert stated.temperature == pytest.approx(float(loss.temperature), rel=1e-6), given
            assert cls(**needed, **given, temperature=0.7).for_constant(2.0).temperature == 0.7


TEMPERATURES = {
    # Prach & Lampert's 1/4 beside the offset √2, which is their radius 1/2; Lai et al.'s 3/4 beside 2.
    "OffsetCrossentropy": lambda reach: 0.25 / np.sqrt(2) * 2 * np.sqrt(2) * reach,
    "LogitAnnealing": lambda reach: 0.75 / 2 * 2 * np.sqrt(2) * reach,
    "EMMA": lambda reach: 0.5 * reach,
    "AnnealedEMMA": lambda reach: 0.5 * reach,
    "TRADES": lambda reach: 0.5 * reach,
    "RadiusCrossentropy": lambda reach: 0.5 * reach,
    # It multiplies the logits.
    "LseHKR": lambda reach: 1 / (np.sqrt(2) * reach),
}


@pytest.mark.parametrize("name", TEMPERATURES)
def test_the_temperature_follows_a_target_radius_unless_it_is_given(name: str) -> None:
    cls = getattr(losses, name)
    for radius, constant in ((0.25, 2.0), (1.58, 1.0)):
        loss = cls(target_radius=radius, lip_const=constant)
        assert float(loss.temperature) == pytest.approx(TEMPERATURES[name](radius * constant), rel=1e-6)
        assert cls.from_config(loss.get_config()).get_config() == loss.get_config()
    assert float(cls(target_radius=0.25, temperature=0.4).temperature) == pytest.approx(0.4)
    if not issubclass(cls, PairwiseLoss):
        # Nothing is in proportion to a radius of 0, and a margin may be in any units.
        for given in ({}, {"target_radius": 0.0}, {cls._argument: 0.1}):
            assert float(cls(**given).temperature) == cls._asked.temperature
