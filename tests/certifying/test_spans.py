"""Parts of a network whose constant is less than what composing their operations says."""

import numpy as np
import pytest

from lipbuild.certifying.composition import compose, prove, prove_spans
from lipbuild.certifying.network import Network, NetworkNode

rng = np.random.default_rng(0)


def _network(shape, *nodes):
    return Network((NetworkNode("x", "input", (), {"shape": shape}), *nodes), nodes[-1].name)


def _spans(network):
    return prove_spans(network, prove(network))


def _constant(network):
    bounds = prove(network)
    gains = {name: bound.upper for name, bound in bounds.items()}
    ends = [(span.source, span.target, span.bound.upper) for span in prove_spans(network, bounds)]
    return compose(network, gains, ends)[network.output]


def _dense(name, source, kernel, **arrays):
    return NetworkNode(name, "dense", (source,), {}, {"kernel": kernel, **arrays})


def _scale(name, source, factor, **arrays):
    return NetworkNode(name, "scale", (source,), {}, {"factor": np.asarray(factor), **arrays})


def _kernel(*shape):
    return rng.standard_normal(shape).astype(np.float32)


CONVOLUTION = {"strides": (1, 1), "padding": "same", "dilation_rate": (1, 1), "groups": 1}


def test_two_dense_layers_are_merged():
    a, b = _kernel(6, 9), _kernel(9, 4)
    network = _network((6,), _dense("a", "x", a, bias=_kernel(9)), _dense("b", "a", b))
    exact = np.linalg.norm(a.astype(float) @ b, 2)
    assert exact <= _constant(network) <= exact * (1 + 1e-12)
    (span,) = _spans(network)
    assert (span.source, span.target, span.bound.method) == ("x", "b", "explicit")
    assert exact * (1 - 1e-12) <= span.bound.lower <= exact


def test_a_scale_of_channels_is_folded_into_the_layer_before_it():
    a, factor = _kernel(6, 5), np.array([1.0, -3.0, 0.5, 2.0, 0.0], np.float32)
    network = _network(
        (6,), _dense("a", "x", a), _scale("b", "a", factor, offset=_kernel(5), mean=_kernel(5))
    )
    exact = np.linalg.norm(a.astype(float) * factor, 2)
    assert exact <= _constant(network) <= exact * (1 + 1e-12)


def test_a_convolution_and_a_pooling_are_merged_on_a_small_image():
    kernel = _kernel(3, 3, 2, 3)
    pooling = {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}
    network = _network(
        (6, 6, 2),
        NetworkNode("a", "convolution", ("x",), CONVOLUTION, {"kernel": kernel}),
        NetworkNode("b", "average_pooling", ("a",), pooling),
    )
    from lipbuild.certifying.inference import forward

    units = np.eye(72).reshape(72, 6, 6, 2)
    exact = np.linalg.norm(forward(network, units).reshape(72, -1), 2)
    assert exact <= _constant(network) * (1 + 1e-12)
    assert _constant(network) <= exact * (1 + 1e-11)
    assert _constant(network) < 0.98 * compose(network, {n: b.upper for n, b in prove(network).items()})["b"]


def test_branches_that_are_affine_together_are_merged():
    # x/2 + (x - mean x)/2 and what a difference of two maps of one source leaves.
    a = _kernel(5, 5)
    network = _network(
        (5,),
        _dense("a", "x", a),
        NetworkNode("b", "centering", ("x",), {"axes": (0,)}),
        NetworkNode("c", "subtract", ("b", "a")),
        NetworkNode("d", "concatenate", ("c", "x"), {"axis": 0}),
    )
    matrix = np.eye(5) - np.ones((5, 5)) / 5 - a
    exact = np.linalg.norm(np.hstack([matrix, np.eye(5)]), 2)
    assert exact <= _constant(network) <= exact * (1 + 1e-12)


def test_what_is_not_affine_ends_a_part():
    a, b = _kernel(6, 6), _kernel(6, 6)
    relu = NetworkNode("r", "activation", ("a",), {"function": "relu"})
    assert _spans(_network((6,), _dense("a", "x", a), relu, _dense("b", "r", b))) == []


def test_branches_of_two_sources_are_not_merged():
    relu = NetworkNode("r", "activation", ("x",), {"function": "relu"})
    network = _network(
        (6,),
        relu,
        _dense("a", "x", _kernel(6, 6)),
        _dense("b", "r", _kernel(6, 6)),
        NetworkNode("c", "add", ("a", "b")),
    )
    assert _spans(network) == []


def test_what_is_no_tighter_is_not_stated():
    assert _spans(_network((6,), _scale("a", "x", 0.5), _scale("b", "a", 3.0))) == []


def _block(kind="subtract", function="relu", scale=1.0, order=("x", "back")):
    w = _kernel(5, 7) * np.float32(scale)
    back = (w * (2.0 / np.abs(w.T.astype(float) @ w).sum(axis=1))).astype(np.float32).T
    return _network(
        (5,),
        _dense("into", "x", w, bias=_kernel(7)),
        NetworkNode("hidden", "activation", ("into",), {"function": function}),
        _dense("back", "hidden", back if kind == "subtract" else -back),
        NetworkNode("y", kind, order),
    )


@pytest.mark.parametrize("function", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize(
    ("kind", "order"), [("subtract", ("x", "back")), ("add", ("x", "back")), ("add", ("back", "x"))]
)
def test_a_residual_block_is_found_whatever_the_order(kind, order, function):
    network = _block(kind, function, order=order)
    (span,) = _spans(network)
    assert (span.source, span.target, span.bound.method) == ("x", "y", "residual block")
    assert 1.0 <= _constant(network) <= 1.0 + 1e-6


@pytest.mark.parametrize(
    "network",
    [
        _block("subtract", order=("back", "x")),
        _block(function="abs"),
        _network((5,), _dense("into", "x", _kernel(5, 5)), NetworkNode("y", "subtract", ("x", "into"))),
    ],
)
def test_what_is_no_residual_block_is_not_taken_for_one(network):
    assert all(span.bound.method != "residual block" for span in _spans(network))


def test_a_block_that_reads_something_else_is_not_taken_for_one():
    network = _block()
    nodes = list(network.nodes)
    nodes.insert(1, _dense("z", "x", _kernel(5, 5)))
    nodes[2] = _dense("into", "z", network.node("into").arrays["kernel"])
    assert all(span.bound.method != "residual block" for span in _spans(Network(tuple(nodes), "y")))


def test_a_residual_block_of_convolutions_is_found():
    w = _kernel(3, 3, 2, 4) * np.float32(0.1)
    back = (w * (0.5 / np.square(w).sum(axis=(0, 1, 2)) / 9)).astype(np.float32)
    network = _network(
        (6, 5, 2),
        NetworkNode("into", "convolution", ("x",), CONVOLUTION, {"kernel": w}),
        NetworkNode("hidden", "activation", ("into",), {"function": "relu"}),
        NetworkNode("back", "transposed_convolution", ("hidden",), CONVOLUTION, {"kernel": back}),
        NetworkNode("y", "subtract", ("x", "back")),
    )
    (span,) = _spans(network)
    assert span.bound.method == "residual block"
    assert set(span.parts) == {"through", "wrong"}
    # With other strides the one is not the other's adjoint.
    back = network.node("back")
    other = NetworkNode("back", back.kind, back.inputs, {**CONVOLUTION, "dilation_rate": (1, 2)}, back.arrays)
    nodes = tuple(other if node is back else node for node in network.nodes)
    assert _spans(Network(nodes, "y")) == []
