"""A few of the models of `tests.benchmarks.fuzz_models`, which runs thousands."""

import keras
import numpy as np

from tests.benchmarks import fuzz_models
from tests.benchmarks.fuzz_models import Findings, judge
from tests.certifying.random_models import RandomModel, random_model


def test_nothing_is_stated_below_what_is_measured(tmp_path):
    findings, built = Findings(), 0
    for number in range(16):
        rng = np.random.default_rng([1, number])
        try:
            random = random_model(rng)
        except Exception:  # options that Keras does not build
            continue
        built += 1
        judge(rng, random, tmp_path / "model.keras", findings)
    assert not findings.wrong
    assert findings.certified >= 6
    assert findings.verified >= 1
    assert built == findings.certified + sum(findings.refused.values())


def test_a_constant_below_the_gain_is_noticed(tmp_path, monkeypatch):
    def halved(*arguments, **options):
        statement = certify(*arguments, **options)
        predicate = statement["predicate"]
        predicate["lipschitz"] = (0.5 * float.fromhex(predicate["lipschitz"])).hex()
        return statement

    certify = fuzz_models.certify
    monkeypatch.setattr(fuzz_models, "certify", halved)
    monkeypatch.setattr(fuzz_models, "VERIFIED", 0.0)
    findings = Findings()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    judge(np.random.default_rng(0), RandomModel(model, "Dense"), tmp_path / "model.keras", findings)
    assert any("measured" in line for line in findings.wrong)
