"""Certificates that state how much the outputs change where one column changes."""

import copy
import json

import numpy as np
import pytest

from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.verifier import verify

MOVES = [*(Move(f"c{i}", (i,)) for i in range(4)), Move("text", (1, 3), ("a", "b"))]


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A file of a network of branches, and its certificate."""
    import keras
    from keras import layers, ops

    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify

    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    scaled = layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[4.0, 100.0, 1e-4, 1.0])(x)
    y = layers.Dense(6, use_bias=True)(scaled)
    a, b = y[:, :3], y[:, 3:]
    y = layers.Concatenate()([ops.maximum(a, b), ops.minimum(a, b)])
    y = layers.Add()([layers.Dense(3, activation="tanh")(y), layers.Dense(3, activation="relu")(scaled)])
    model = keras.Model(x, layers.PReLU()(layers.Dense(2)(y)))
    path = tmp_path_factory.mktemp("columns") / "model.keras"
    model.save(path)
    return path, certify(*read_archive(path), columns=MOVES)


def _refused(certified, change, message, *, exact=False):
    path, statement = certified
    statement = copy.deepcopy(statement)
    change(statement["predicate"]["columns"])
    verdict = verify(path, statement, exact=exact)
    assert [message in failure.message for failure in verdict.failures] == [True], verdict.lines()


def test_they_are_proved_again(certified):
    path, statement = certified
    verdict = verify(path, json.loads(json.dumps(statement)))
    assert verdict.holds, verdict.lines()
    assert "proved again: how far the outputs move with one column" in verdict.lines()
    kinds = {key.split("/")[-1]: kind for key, kind in verdict.fields.items() if "/columns/" in key}
    assert kinds == {
        "column": "stated",
        "from": "stated",
        "to": "stated",
        "places": "checked",
        "least": "proved",
        "greatest": "proved",
    }
    # It counts against the whole constant.
    assert any(span["rule"] == "slopes" for span in statement["predicate"]["spans"])


@pytest.mark.parametrize("row", range(len(MOVES)))
@pytest.mark.parametrize(("end", "sign"), [("least", 1.0), ("greatest", -1.0)])
@pytest.mark.parametrize("exact", [False, True])
def test_a_slope_that_is_narrower_by_a_millionth_is_refused(certified, row, end, sign, exact):
    def narrow(rows):
        value = float.fromhex(rows[row][end][1])
        rows[row][end][1] = (value + sign * 1e-6 * abs(value)).hex()

    _refused(certified, narrow, "may change by more than is stated", exact=exact)


def test_they_are_proved_in_integers(certified):
    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify

    path, _ = certified
    tolerances = [Tolerance("a", 0, 0.5), Tolerance("c", 2, 2e-3)]
    statement = certify(*read_archive(path), columns=MOVES, tolerances=tolerances, exact=True)
    verdict = verify(path, statement, exact=True)
    assert verdict.holds, verdict.lines()
    assert "proved again: how far the outputs move with one column, in integers" in verdict.lines()
    assert "proved again: how far the outputs move within the tolerances, in integers" in verdict.lines()
    stated = statement["predicate"]["tolerance"]
    for field, word in (("box", "box"), ("rest", "box"), ("ellipsoid", "ellipsoid")):
        value = stated[field]
        less = (float.fromhex(value[1] if field == "box" else value) * (1 - 1e-6)).hex()
        forged = copy.deepcopy(statement)
        forged["predicate"]["tolerance"][field] = [value[0], less] if field == "box" else less
        (failure,) = verify(path, forged, exact=True).failures
        assert failure.message.endswith(f"than is stated of the {word}")


def test_a_constant_below_what_the_slopes_prove_is_refused(certified):
    path, statement = certified
    statement = copy.deepcopy(statement)
    predicate = statement["predicate"]
    (span,) = [span for span in predicate["spans"] if span["rule"] == "slopes"]
    lower = (float.fromhex(span["upper"]) * (1 - 1e-6)).hex()
    for holder, key in ((span, "upper"), (predicate["nodes"][-1], "constant"), (predicate, "lipschitz")):
        holder[key] = lower
    assert not verify(path, statement).holds
    span["from"] = predicate["nodes"][1]["name"]
    assert any("slopes are those of the output" in f.message for f in verify(path, statement).failures)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("places", [2], "may change by more than"),
        ("places", [4], "the model has 4 inputs"),
        ("places", [-1], "the model has 4 inputs"),
        ("places", [True], "the model has 4 inputs"),
        ("places", [0.0], "the model has 4 inputs"),
        ("places", [], "the model has 4 inputs"),
        ("places", [0, 0], "the model has 4 inputs"),
        ("places", [0, 1], "the two values of a text"),
        ("places", None, "the model has 4 inputs"),
        ("from", "a", "the two values of a text"),
        ("greatest", [], "is not a list of 2 numbers"),
        ("greatest", ["inf", "inf"], "has to be finite"),
        ("greatest", ["nan", "nan"], "has to be finite"),
        ("least", ["-inf", "-inf"], "has to be finite"),
        ("least", ["--0x1.0p+0", "0x0.0p+0"], "not a number as"),
        ("least", [-1.0, -1.0], "not a number as"),
        ("least", "0x1.0000000000000p+0", "is not a list of 2 numbers"),
        ("unit", "m", "cannot be checked"),
    ],
)
def test_what_is_no_statement_is_refused(certified, key, value, message):
    _refused(certified, lambda rows: rows[0].__setitem__(key, value), message)


@pytest.fixture(scope="module", params=[6, 8])
def far_and_back(request, tmp_path_factory):
    """A network of slope 1 whose values on the way have squares below the least float64."""
    import keras

    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify

    x = y = keras.Input((1,))
    for weight in [1e-37] * request.param + [1e37] * request.param:
        layer = keras.layers.Dense(1, use_bias=False, activation="relu")
        y = layer(y)
        layer.set_weights([np.full((1, 1), weight, np.float32)])
    path = tmp_path_factory.mktemp("far") / "model.keras"
    keras.Model(x, y).save(path)
    move, tolerance = Move("a", (0,)), Tolerance("a", 0, 1.0)
    return path, certify(*read_archive(path), columns=[move], tolerances=[tolerance])


def _smaller(value):
    return (float.fromhex(value) * 0.5).hex()


@pytest.mark.parametrize("field", ["greatest", "box", "ellipsoid", "span"])
def test_squares_that_underflow_prove_nothing(far_and_back, field):
    path, statement = far_and_back
    exact = field != "span"
    assert verify(path, statement).holds
    assert verify(path, statement, exact=exact).holds
    statement = copy.deepcopy(statement)
    predicate = statement["predicate"]
    if field == "greatest":
        predicate["columns"][0][field] = list(map(_smaller, predicate["columns"][0][field]))
    elif field == "box":
        predicate["tolerance"][field] = list(map(_smaller, predicate["tolerance"][field]))
    elif field == "ellipsoid":
        predicate["tolerance"][field] = _smaller(predicate["tolerance"][field])
    else:
        upper, last = _smaller(predicate["lipschitz"]), predicate["nodes"][-1]
        span = {"rule": "slopes", "level": "float64", "lower": (0.0).hex(), "upper": upper}
        predicate["spans"] = [{"from": predicate["nodes"][0]["name"], "to": last["name"], **span}]
        last["constant"] = predicate["lipschitz"] = upper
    assert not verify(path, statement).holds
    assert not verify(path, statement, exact=exact).holds


def test_more_than_is_proved_may_be_left_open(certified):
    path, statement = certified
    statement = copy.deepcopy(statement)
    for row in statement["predicate"]["columns"]:
        row["greatest"] = [(abs(float.fromhex(v)) * 2).hex() for v in row["greatest"]]
    assert verify(path, statement).holds


def test_random_models_verify_and_keras_moves_within(certified, tmp_path, monkeypatch):
    from lipbuild.errors import LipbuildError
    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify
    from tests.certifying import random_models

    monkeypatch.setattr(random_models, "SHAPES", [(4,)])
    stated, tolerances = 0, [Tolerance("a", 0, 1e-3), Tolerance("b", 1, 2.0), Tolerance("c", 3, 0.5)]
    for number in range(14):
        rng = np.random.default_rng([5, number])
        try:
            random = random_models.random_model(rng)
        except Exception:  # options that Keras does not build
            continue
        path = tmp_path / "model.keras"
        random.model.save(path)
        try:
            statement = certify(*read_archive(path), columns=MOVES, tolerances=tolerances)
        except LipbuildError:
            continue
        for exact in (False, True):
            verdict = verify(path, statement, exact=exact)
            assert verdict.holds, (number, verdict.lines())
        stated += 1
    assert stated >= 6
