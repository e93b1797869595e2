"""Certificates that state how far outputs move while columns stay within their tolerances."""

import copy
import json

import numpy as np
import pytest

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward
from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.verifier import verify
from tests.certifying.networks import dense_network

TOLERANCES = [Tolerance("a", 0, 0.5), Tolerance("c", 2, 2e-3)]


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A file of a classifier, its certificate, its samples, and the network."""
    import keras
    from keras import layers

    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify
    from lipbuild.saved.keras_config import network_of

    keras.utils.set_random_seed(1)
    x = keras.Input((4,))
    y = layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[4.0, 100.0, 1e-4, 1.0])(x)
    y = layers.Dense(8)(layers.ReLU()(layers.Dense(8)(y)))
    model = keras.Model(x, layers.Dense(3)(layers.Activation("tanh")(y)))
    path = tmp_path_factory.mktemp("tolerance") / "model.keras"
    model.save(path)
    rng = np.random.default_rng(0)
    samples = (rng.standard_normal((60, 4)) * [2, 10, 0.01, 1] + [1, 2, 3, 4]).astype(np.float32)
    archive = read_archive(path)
    statement = certify(*archive, inputs=samples, tolerances=TOLERANCES)
    return path, statement, samples, network_of(*archive)


def test_it_is_proved_again_and_nothing_moves_further(certified):
    path, statement, samples, network = certified
    verdict = verify(path, json.loads(json.dumps(statement)), inputs=samples)
    assert verdict.holds, verdict.lines()
    assert "proved again: how far the outputs move within the tolerances" in verdict.lines()
    assert "proved again: which samples keep their class within the tolerances" in verdict.lines()
    stated = statement["predicate"]["tolerance"]
    box, ellipsoid = np.array([float.fromhex(v) for v in stated["box"]]), float.fromhex(stated["ellipsoid"])
    # The first map is proved anew on the columns that move: all columns together may move the outputs much further.
    bounds = CertifiedNetwork.of(network)
    assert ellipsoid < 0.7 * bounds.lipschitz * max(one.size for one in TOLERANCES)
    pairs = bounds.within(TOLERANCES).pairs
    kept = np.array(statement["predicate"]["samples"]["within_tolerance"])
    assert 0 < kept.sum() < len(kept)
    rng = np.random.default_rng(3)
    before = forward(network, samples.astype(float))
    for corner in (True, False):
        for _ in range(50):
            moved = samples.astype(float).copy()
            steps = rng.standard_normal((len(samples), 2))
            steps = np.sign(steps) if corner else steps / np.linalg.norm(steps, axis=1, keepdims=True)
            moved[:, [0, 2]] += steps * [one.size for one in TOLERANCES]
            after = forward(network, moved)
            step = after - before
            assert (np.abs(step) <= box * (1 + 1e-9)).all()
            assert (np.abs(step[:, :, None] - step[:, None]) <= pairs * (1 + 1e-9) + 1e-12).all()
            if not corner:
                assert (np.linalg.norm(after - before, axis=1) <= ellipsoid * (1 + 1e-9)).all()
            assert (after.argmax(axis=1) == before.argmax(axis=1))[kept].all()


def test_the_box_is_counted_at_once_where_layers_hold_the_l2_norm():
    rng = np.random.default_rng(2)
    network = dense_network((16, 16, 3))
    for node in network.nodes:
        if node.kind == "dense":
            kernel = np.linalg.qr(rng.standard_normal((16, 16)))[0][:, : node.arrays["kernel"].shape[1]]
            node.arrays["kernel"] = kernel.astype(np.float32)
    certified = CertifiedNetwork.of(network)
    found = certified.within([Tolerance(str(i), i, 0.1) for i in range(16)])
    # The input moves by 0.4, and so does each logit; a difference of two by √2 of it, their weights being orthogonal.
    assert (found.box <= 0.4 * (1 + 1e-4)).all()
    assert found.pairs[0, 1] == pytest.approx(np.sqrt(2) * 0.4, rel=1e-4)
    alone = np.abs(certified.slopes([Move(str(i), (i,)) for i in range(16)])).max(axis=0)
    assert (0.1 * alone.sum(axis=0) > 1.5 * found.box).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: _lower(p["tolerance"]["box"], 1), "may move by more than is stated of the box"),
        (
            lambda p: p["tolerance"].update(ellipsoid=_less(p["tolerance"]["ellipsoid"])),
            "stated of the ellipsoid",
        ),
        (lambda p: p["tolerance"].update(rest=_less(p["tolerance"]["rest"])), "what the last layer reads"),
        (lambda p: p["tolerance"].pop("rest"), "`rest`"),
        (lambda p: p["tolerance"].update(sizes=[(0.501).hex(), (2e-3).hex()]), "is stated of the box"),
        (lambda p: p["tolerance"].update(places=[2, 0]), "is stated of the box"),
        (lambda p: p["tolerance"].update(places=[0, 0]), "the model has 4 inputs"),
        (lambda p: p["tolerance"].update(places=[0, 4]), "the model has 4 inputs"),
        (lambda p: p["tolerance"].update(places=[]), "the model has 4 inputs"),
        (lambda p: p["tolerance"].update(sizes=["nan", "nan"]), "not a number|has to be finite"),
        (lambda p: p["tolerance"].update(box=["inf", "inf", "inf"]), "has to be finite"),
        (lambda p: p["samples"].update(within_tolerance=[True] * 60), "is not proved to keep its class"),
        (lambda p: p["samples"].update(within_tolerance=[1] * 60), "does not say yes or no"),
        (lambda p: p["samples"].update(within_tolerance=[True]), "does not say yes or no"),
        (lambda p: p.pop("tolerance"), "`tolerance` is missing"),
    ],
)
def test_what_is_not_so_is_refused(certified, change, message):
    path, statement, samples, _ = certified
    statement = copy.deepcopy(statement)
    change(statement["predicate"])
    verdict = verify(path, statement, inputs=samples)
    assert not verdict.holds
    assert any(part in failure.message for part in message.split("|") for failure in verdict.failures), (
        verdict
    )


def test_without_the_data_it_is_said_that_it_was_not_looked_at(certified):
    path, statement, _, _ = certified
    verdict = verify(path, statement)
    assert verdict.status == 3
    assert verdict.fields["/predicate/samples/within_tolerance"] == "stated"
    assert verdict.fields["/predicate/tolerance/box"] == "proved"


def _less(text):
    return (float.fromhex(text) * (1 - 1e-6)).hex()


def _lower(values, place):
    values[place] = _less(values[place])
