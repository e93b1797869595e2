import pytest

import lipbuild
from lipbuild.building.plain import plain_model
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.guard.promises import kernel_norms, norms_of_open_sizes, weights_of
from lipbuild.saved.keras_network import keras_network

SLL, CPL, PRELU = "SLLDense", "CPLDense", "PReLUlip"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # A layer after another may have the name of what would be a part of the other's plain form.
        ({SLL: {"name": "block"}}, {"LastLayerNormalized": {"units": 4, "name": "block_scale"}}),
        ({CPL: {"name": "block", "k_coef_lip": 2.0}}, {SLL: {"name": "block_back"}}),
        ({SLL: {"name": "block"}}, {CPL: {"name": "block_into", "k_coef_lip": 2.0}}),
        ({PRELU: {"name": "block", "k_coef_lip": 0.5}}, {"Rescaling": {"scale": 0.01, "name": "block_back"}}),
        ({PRELU: {"name": "block"}}, {"Rescaling": {"scale": 0.01, "name": "block_scale"}}),
    ],
    ids=str,
)
def test_the_norm_of_a_layer_is_its_own_whatever_the_name_of_the_next(first, second):
    layers = [first, second, {"FrobeniusDense": {"units": 1, "name": "last"}}]
    config = {"model": {"lipschitz": 4.0, "input": [4], "layers": layers}}
    graph = lipbuild.load(config).graph
    certified = CertifiedNetwork.of(keras_network(plain_model(lipbuild.build(config), graph)))
    norms = {norm.layer: norm for norm in kernel_norms(graph, certified)}
    assert set(norms) == {node.name for node in graph.nodes if node.parameters}
    assert all(norm.passes for norm in norms.values())
    assert norms["block"].norm == pytest.approx(norms["block"].allowed, rel=1e-4)


def test_kernels_keep_their_promise_where_the_input_has_no_fixed_size():
    layers = [
        {"SpectralConv2D": {"filters": 4, "kernel_size": 3, "name": "wide"}},
        "GroupSort2",
        "GlobalMaxPooling2D",
        {"SpectralDense": {"units": 2, "name": "last"}},
    ]
    config = {"model": {"input": [None, None, 1], "layers": layers}}
    graph = lipbuild.load(config).graph
    plain = plain_model(lipbuild.build(config), graph)
    weights = weights_of(plain)
    norms = norms_of_open_sizes(plain, graph, weights)
    assert [norm.layer for norm in norms] == ["wide", "last"]
    assert all(norm.passes for norm in norms)
    changed = norms_of_open_sizes(plain, graph, weights | {"wide/kernel": 10.0 * weights["wide/kernel"]})
    assert [norm.layer for norm in changed if not norm.passes] == ["wide"]
