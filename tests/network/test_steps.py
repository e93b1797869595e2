"""What a network promises of single inputs, and that it holds for the worst weights."""

import math

import numpy as np
import pytest

import lipbuild
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_columns import Move
from lipbuild.guard.promises import check_promises, kernel_norms


def _layers(*rest):
    first = {"LInfDense": {"units": 8, "input_norm": "l1"}}
    return [first, "GroupSort2", *rest, {"LInfDense": {"units": 1}}]


def _graph(lipschitz, layers, inputs=6):
    checked = lipbuild.load({"model": {"lipschitz": lipschitz, "input": [inputs], "layers": layers}})
    return checked, checked.graph


@pytest.mark.parametrize("lipschitz", [0.5, 1.0, 7.0])
def test_the_constant_of_the_whole_is_that_of_one_input_times_the_root_of_their_number(lipschitz):
    _, graph = _graph(lipschitz, _layers({"LInfDense": {"units": 4}}, "GroupSort2"))
    assert graph.bound == pytest.approx(lipschitz, rel=1e-6)
    assert graph.bound <= lipschitz
    assert graph.node(graph.outputs[0]).step.each == pytest.approx(lipschitz / math.sqrt(6), rel=1e-6)


@pytest.mark.parametrize(
    ("rest", "each"),
    [
        ([], 1.0),
        (["FullSort", {"Activation": {"activation": "tanh"}}], 1.0),
        ([{"Rescaling": {"scale": 3.0}}], 3.0),
        # Its outputs have the norm √8·1 of what it reads, and no more is known of one by itself.
        ([{"SpectralDense": {"units": 8, "k_coef_lip": 1.0}}], math.sqrt(8)),
        ([{"Parallel": {"branches": [["GroupSort2"], []], "merge": "Add"}}], 2.0),
        ([{"Parallel": {"branches": [["GroupSort2"], []], "merge": "Average"}}], 1.0),
        ([{"Parallel": {"branches": [["GroupSort2"], []], "merge": "Concatenate"}}], 1.0),
        ([{"Parallel": {"branches": [["GroupSort2"], []], "merge": "Maximum"}}], 1.0),
        ([{"Residual": {"layers": ["GroupSort2"]}}], 1.0),
    ],
)
def test_each_layer_says_what_it_does_to_single_inputs(rest, each):
    _, graph = _graph(
        1e3,
        [
            {"LInfDense": {"units": 8, "input_norm": "l1", "k_coef_lip": 1.0}},
            *rest,
            {"LInfDense": {"units": 1, "k_coef_lip": 1.0}},
        ],
    )
    assert graph.node(graph.outputs[0]).step.each == pytest.approx(each, rel=1e-6)
    assert graph.bound <= math.sqrt(6) * each * (1 + 1e-6)


@pytest.mark.parametrize("ones", [False, True])
def test_no_weights_exceed_what_is_promised_and_changed_ones_are_refused(ones):
    from lipbuild.building.plain import plain_model
    from lipbuild.saved.keras_network import keras_network

    checked, graph = _graph(4.0, _layers({"LInfDense": {"units": 4}}, "GroupSort2"))
    model = lipbuild.build(checked)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            wild = np.ones(layer.kernel.shape) if ones else rng.standard_normal(layer.kernel.shape)
            layer.kernel.assign(layer.kernel.constraint(1e3 * wild.astype(np.float32)))
    plain = plain_model(model, graph)
    certified = CertifiedNetwork.of(keras_network(plain))
    low, high = certified.slopes([Move(f"{i}", (i,)) for i in range(6)])
    each = graph.node(graph.outputs[0]).step.each
    most = max(np.abs(low).max(), high.max())
    assert most <= each
    # Equal weights reach it.
    assert most > (0.999999 if ones else 0.3) * each
    assert certified.lipschitz <= graph.bound
    check_promises(kernel_norms(graph, certified))
    for layer in plain.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel * 1.00001, bias])
            norms = kernel_norms(graph, CertifiedNetwork.of(keras_network(plain)))
            assert [norm.layer for norm in norms if not norm.passes] == [layer.name]
            layer.set_weights([kernel, bias])


def test_a_penalty_makes_the_weights_of_a_column_that_does_not_matter_small():
    import keras

    from lipbuild.layers import LInfDense

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).standard_normal((256, 2)).astype(np.float32)
    found = {}
    for penalty in (0.0, 0.03):
        layer = LInfDense(8, input_norm="l1", column_penalty=penalty)
        model = keras.Sequential([keras.Input((2,)), layer, LInfDense(1)])
        model.compile(keras.optimizers.Adam(0.02), "mse")
        model.fit(x, 0.5 * x[:, :1], batch_size=32, epochs=12, verbose=0)
        found[penalty] = np.abs(layer.kernel).max(axis=1)
    assert found[0.03][1] < 0.3 * found[0.0][1]
    assert found[0.03][0] > 0.3
    again = LInfDense.from_config(layer.get_config())
    assert (again.column_penalty, again.input_norm) == (0.03, "l1")


@pytest.mark.parametrize(
    "arguments",
    [{"input_norm": "l2"}, {"column_penalty": -1.0}, {"column_penalty": 0.1, "kernel_regularizer": "l2"}],
)
def test_arguments_out_of_range_are_refused(arguments):
    from lipbuild.layers import LInfDense

    with pytest.raises(
        ValueError, match=next(iter(arguments)).replace("column_penalty", "rate|column_penalty")
    ):
        LInfDense(3, **arguments)
