from __future__ import annotations

import keras
import numpy as np
import pytest

from lipbuild import losses
from lipbuild.training.variables import variables_in
from lipbuild.utils import process_labels_for_multi_gpu

rng = np.random.default_rng(0)
LABELS = np.eye(4, dtype="float32")[rng.integers(4, size=12)]
LOGITS = rng.normal(size=(12, 4)).astype("float32")
BINARY = rng.integers(2, size=(12, 1)).astype("float32")
OUTPUTS = rng.normal(size=(12, 1)).astype("float32")

ARGUMENTS = {
    "KR": {},
    "HKR": {"alpha": 5.0, "min_margin": 0.7},
    "HingeMargin": {"min_margin": 0.7},
    "MulticlassKR": {},
    "MulticlassHinge": {"min_margin": 0.7},
    "MulticlassHKR": {"alpha": 5.0, "min_margin": 0.7},
    "MulticlassSoftHKR": {"alpha": 5.0, "temperature": 3.0},
    "MultiMargin": {"min_margin": 0.7},
    "CategoricalHinge": {"min_margin": 0.7},
    "TauCategoricalCrossentropy": {"tau": 0.3},
    "TauSparseCategoricalCrossentropy": {"tau": 0.3},
    "TauBinaryCrossentropy": {"tau": 0.3},
    "OffsetCrossentropy": {"offset": 0.5},
    "LogitAnnealing": {"offset": 0.5, "beta": 2.0},
    "EMMA": {"target_radius": 0.2},
    "AnnealedEMMA": {"target_radius": 0.2, "beta": 2.0},
    "TRADES": {"target_radius": 0.2, "lam": 0.5},
    "RadiusCrossentropy": {"target_radius": 0.2},
    "LseHKR": {"alpha": 0.8, "temperature": 4.0},
}
ONE_OUTPUT = {"KR", "HKR", "HingeMargin", "TauBinaryCrossentropy"}


def labels_for(name):
    if name in ONE_OUTPUT:
        return BINARY, OUTPUTS
    return (LABELS.argmax(-1), LOGITS) if "Sparse" in name else (LABELS, LOGITS)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_every_loss_is_among_the_cases():
    assert set(losses.__all__) == set(ARGUMENTS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_loss_trains_and_survives_saving(name, tmp_path):
    y, f = labels_for(name)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(f.shape[-1])])
    model.compile(keras.optimizers.SGD(1e-2), getattr(losses, name)(**ARGUMENTS[name]))
    x = rng.normal(size=(12, 5)).astype("float32")
    history = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    # KR is to be maximised: as a loss it draws the classes together.
    assert history[-1] < history[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.loss.get_config() == model.loss.get_config()
    if name != "MulticlassSoftHKR":  # its running mean has moved
        assert float(loaded.loss(y, loaded(x))) == pytest.approx(float(model.loss(y, model(x))))


def test_kr_is_the_difference_of_the_classes_means():
    y = BINARY[:, 0]
    expected = OUTPUTS[y == 1].mean() - OUTPUTS[y == 0].mean()
    for labels in (BINARY, 2 * BINARY - 1, y):
        assert float(losses.KR()(labels, OUTPUTS)) == pytest.approx(expected, rel=1e-5)


def test_kr_of_a_single_class_is_its_mean():
    assert float(losses.KR()(np.ones((4, 1)), OUTPUTS[:4])) == pytest.approx(OUTPUTS[:4].mean(), rel=1e-5)


def test_hkr_is_hinge_less_kr():
    hinge = np.maximum(0.35 - (2 * BINARY - 1) * OUTPUTS, 0).mean()
    kr = float(losses.KR()(BINARY, OUTPUTS))
    assert float(losses.HKR(5.0, 0.7)(BINARY, OUTPUTS)) == pytest.approx(5 * hinge - kr, rel=1e-5)
    assert float(losses.HKR(float("inf"), 0.7)(BINARY, OUTPUTS)) == pytest.approx(hinge, rel=1e-5)


def test_multiclass_hinge_balances_the_true_class_against_the_others():
    signs = 2 * LABELS - 1
    hinge = np.maximum(0.35 - signs * LOGITS, 0) * np.where(LABELS > 0, 3, 1)
    assert float(losses.MulticlassHinge(0.7)(LABELS, LOGITS)) == pytest.approx(hinge.mean(), rel=1e-5)
    kr = float(losses.MulticlassKR()(LABELS, LOGITS))
    found = float(losses.MulticlassHKR(5.0, 0.7)(LABELS, LOGITS))
    assert found == pytest.approx(5 * hinge.mean() - kr, rel=1e-5)


@pytest.mark.parametrize("name", ["KR", "HKR", "MulticlassKR", "MulticlassHKR"])
def test_weighted_labels_give_the_same_loss_and_add_up_over_parts_of_a_batch(name):
    y, f = labels_for(name)
    whole = float(getattr(losses, name)(**ARGUMENTS[name])(y, f))
    loss = getattr(losses, name)(**ARGUMENTS[name], multi_gpu=True)
    weights = np.asarray(process_labels_for_multi_gpu(y))
    assert float(loss(weights, f)) == pytest.approx(whole, rel=1e-5)
    parts = [float(loss(weights[i : i + 4], f[i : i + 4])) for i in (0, 4, 8)]
    assert np.mean(parts) == pytest.approx(whole, rel=1e-5)


def test_tau_cross_entropies_are_cross_entropies_of_scaled_logits():
    expected = -np.log(softmax(0.3 * LOGITS)[LABELS > 0]).mean() / 0.3
    assert float(losses.TauCategoricalCrossentropy(0.3)(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    sparse = losses.TauSparseCategoricalCrossentropy(0.3)
    for labels in (LABELS.argmax(-1), LABELS.argmax(-1)[:, None]):
        assert float(sparse(labels, LOGITS)) == pytest.approx(expected, rel=1e-5)
    p = 1 / (1 + np.exp(-0.3 * OUTPUTS))
    binary = -np.log(np.where(BINARY > 0, p, 1 - p)).mean() / 0.3
    for labels in (BINARY, 2 * BINARY - 1):
        assert float(losses.TauBinaryCrossentropy(0.3)(labels, OUTPUTS)) == pytest.approx(binary, rel=1e-5)


def test_margin_losses():
    own = LOGITS[LABELS > 0][:, None]
    others = LOGITS[LABELS == 0].reshape(12, 3)
    multi = np.maximum(0.7 - own + others, 0).sum(-1) / 4
    assert float(losses.MultiMargin(0.7)(LABELS, LOGITS)) == pytest.approx(multi.mean(), rel=1e-5)
    hinge = np.maximum(0.7 - own[:, 0] + others.max(-1), 0)
    assert float(losses.CategoricalHinge(0.7)(LABELS, LOGITS)) == pytest.approx(hinge.mean(), rel=1e-5)


def test_soft_hkr_weighs_wrong_classes_by_their_logits():
    margin, mean = 0.2, 0.2
    signed = (2 * LABELS - 1) * LOGITS
    loss = losses.MulticlassSoftHKR(alpha=5.0, min_margin=margin, temperature=3.0, alpha_mean=0.75)
    hinge_only = losses.MulticlassSoftHKR(np.inf, margin, temperature=3.0, alpha_mean=0.75)
    for _ in range(2):
        mean = 0.75 * mean + 0.25 * np.abs(LOGITS).mean()
        logits = LOGITS * 3.0 * margin / mean
        weights = np.where(LABELS > 0, 1.0, softmax(np.where(LABELS > 0, -1e30, logits)))
        hinge = np.maximum(margin / 2 - signed, 0)
        expected = (weights * (hinge - signed / 5)).sum(-1).mean()
        assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-4)
        assert float(hinge_only(LABELS, LOGITS)) == pytest.approx((weights * hinge).sum(-1).mean(), rel=1e-4)


def test_lse_hkr_tends_to_the_margin():
    own = LOGITS[LABELS > 0]
    margin = 0.5 * (own - LOGITS[LABELS == 0].reshape(12, 3).max(-1))
    expected = (0.8 * np.maximum(0.5 - margin, 0) - 0.2 * margin).mean()
    loss = losses.LseHKR(alpha=0.8, temperature=200.0)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("TauCategoricalCrossentropy", {"tau": 0.0}, "tau=0.0"),
        ("TauSparseCategoricalCrossentropy", {"tau": float("inf")}, "tau=inf"),
        ("TauBinaryCrossentropy", {"tau": "x"}, "tau='x'"),
        ("HKR", {"alpha": -1.0}, "alpha=-1.0"),
        ("HKR", {"alpha": 1.0, "min_margin": -1.0}, "min_margin=-1.0"),
        ("MulticlassHKR", {"alpha": float("nan")}, "alpha=nan"),
        ("LseHKR", {"alpha": 1.5}, "alpha=1.5"),
        ("MulticlassSoftHKR", {"alpha_mean": 1.0}, "alpha_mean=1.0"),
    ],
)
def test_wrong_parameters_are_refused(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(losses, name)(**arguments)


def test_labels_of_another_width_are_refused():
    with pytest.raises(ValueError, match="one column for each output"):
        losses.MulticlassHKR()(LABELS[:, :3], LOGITS)


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        (losses.HKR(3.0), ["alpha", "min_margin"]),
        (losses.MulticlassHKR(3.0), ["alpha", "min_margin"]),
        (losses.LseHKR(0.5), ["alpha", "min_margin", "temperature"]),
        (losses.MulticlassSoftHKR(3.0), ["alpha", "min_margin", "temperature", "moving_mean"]),
        (losses.OffsetCrossentropy(), ["offset", "temperature"]),
        (losses.LogitAnnealing(), ["offset", "temperature", "beta"]),
        (losses.EMMA(0.5), ["target_radius", "temperature", "lip_const"]),
        (losses.RadiusCrossentropy(0.5), ["target_radius", "temperature", "lip_const"]),
        (losses.EMMA(0.5, learn_scale=True), ["target_radius", "temperature", "lip_const", "log_scale"]),
        (losses.AnnealedEMMA(0.5), ["target_radius", "temperature", "lip_const", "offset", "beta"]),
        (losses.TRADES(0.5), ["target_radius", "temperature", "lip_const", "lam"]),
    ],
    ids=lambda value: value.name if isinstance(value, keras.losses.Loss) else "",
)
def test_variables_are_made_in_the_order_in_which_checkpoints_hold_them(loss, names):
    assert [variable.name for variable in variables_in(loss)] == names
