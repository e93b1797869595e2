"""Networks that rise or fall with columns of a table."""

import numpy as np
import pytest

import lipbuild
from lipbuild.building.plain import plain_model
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_columns import Move
from lipbuild.guard.promises import check_promises, kernel_norms
from lipbuild.saved.keras_network import keras_network

SPECTRAL = [{"SpectralDense": {"units": 6}}, "GroupSort2", {"FrobeniusDense": {"units": 1}}]
LINF = [{"LInfDense": {"units": 6, "input_norm": "l1"}}, "GroupSort2", {"LInfDense": {"units": 1}}]
SCALED = [{"Normalization": {"mean": [5.0, 0.0, 1.0], "variance": [100.0, 1e-4, 4.0]}}]


def _config(layers, monotone, *, preprocess=(), lipschitz=2.0, features=("a", "b", "c"), **more):
    source = {"path": "t.csv", "target": "y", **({"features": list(features)} if features else {}), **more}
    return {
        "model": {"lipschitz": lipschitz, "input": [3], "layers": layers, "monotone": monotone},
        "data": {"source": {"csv": source}, "preprocess": list(preprocess)},
    }


@pytest.mark.parametrize("layers", [SPECTRAL, LINF], ids=["l2", "linf"])
@pytest.mark.parametrize(
    "preprocess", [(), SCALED, [{"Rescaling": {"scale": -3.0}}]], ids=["as is", "scaled", "turned"]
)
def test_the_signs_of_the_slopes_are_proved_whatever_the_weights_are(layers, preprocess):
    checked = lipbuild.load(_config(layers, {"a": "increasing", "c": "decreasing"}, preprocess=preprocess))
    graph, model = checked.graph, lipbuild.build(checked)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if layer.trainable and hasattr(layer, "kernel"):
            # As negative as the layers may be.
            layer.kernel.assign(
                layer.kernel.constraint(-np.abs(rng.standard_normal(layer.kernel.shape)).astype("f4"))
            )
            layer.condense()
    certified = CertifiedNetwork.of(keras_network(plain_model(model, graph)))
    low, high = certified.slopes([Move(name, (place,)) for place, name in enumerate("abc")])
    assert low[0] >= 0
    assert high[2] <= 0
    # What nothing is asked of may go either way.
    assert max(abs(low[1][0]), high[1][0]) > 0
    assert certified.lipschitz <= graph.bound <= graph.lipschitz * (1 + 1e-6)
    check_promises(kernel_norms(graph, certified))


@pytest.mark.parametrize(
    ("layers", "share"),
    [(SPECTRAL, lambda k: k**2 * (1 + 2**0.5)), (LINF, lambda k: k**2 * (3**0.5 + 2**0.5))],
)
def test_its_constant_counts_against_what_is_promised(layers, share):
    graph = lipbuild.load(_config(layers, {"a": "increasing", "c": "decreasing"})).graph
    assert share(graph.share) == pytest.approx(2.0, rel=1e-5)
    assert graph.bound == pytest.approx(2.0, rel=1e-5)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            _config([{"SpectralDense": {"units": 2}}], {"a": "increasing"}),
            "is for a network of one number, and this has",
        ),
        (_config(SPECTRAL, {"aa": "increasing"}), "`aa` is not one"),
        (_config(SPECTRAL, {"a": "upwards"}), "increasing"),
        (
            _config(SPECTRAL, {"a": "increasing"}, features=()),
            "where each of them is in the input is not known",
        ),
        (
            _config(SPECTRAL, {"a": "increasing"}, features=("a",), categories={"a": ["x", "y", "z"]}),
            "`a` is not one",
        ),
    ],
)
def test_what_has_no_sense_is_refused(config, message):
    errors = [found for found in lipbuild.check(config).diagnostics if found.severity.name == "ERROR"]
    assert any(message in found.message + (found.help or "") for found in errors), errors
