"""Enclosures of how much a network's outputs change along a direction."""

import itertools

import numpy as np
import pytest

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import compose, prove
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.certifying.stated_columns import Move
from lipbuild.errors import RefusedError
from tests.certifying.networks import dense_network

COLUMNS = 5
MOVES = [*(Move(f"c{i}", (i,)) for i in range(COLUMNS)), Move("text", (0, 2), ("a", "b"))]


def _node(name, kind, source, parameters=None, **arrays):
    return NetworkNode(
        name, kind, source if isinstance(source, tuple) else (source,), parameters or {}, arrays
    )


def _random_network(rng):
    """Dense layers, whatever acts on vectors between them, and branches."""
    nodes, name, width = [NetworkNode("x", "input", (), {"shape": (COLUMNS,)})], "x", COLUMNS
    factor = rng.uniform(0.01, 30.0, COLUMNS) * rng.choice([-1.0, 1.0], COLUMNS)
    nodes.append(_node("scale", "scale", name, None, factor=factor, mean=rng.standard_normal(COLUMNS)))
    name = "scale"
    for i in range(rng.integers(1, 4)):
        units = 2 * int(rng.integers(1, 5))
        kernel = rng.standard_normal((width, units)).astype(np.float32)
        nodes.append(_node(f"d{i}", "dense", name, None, kernel=kernel, bias=rng.standard_normal(units)))
        name, width, kind = f"d{i}", units, rng.integers(9)
        functions = [
            "relu",
            "abs",
            "tanh",
            "softplus",
            "elu",
            "selu",
            "gelu",
            "silu",
            "leaky_relu",
            "soft_shrink",
        ]
        if kind == 0:
            nodes.append(
                _node(
                    f"f{i}",
                    "group_sort",
                    name,
                    {"size": 2, "pairing": str(rng.choice(["halves", "neighbours"]))},
                )
            )
        elif kind == 1:
            nodes.append(_node(f"f{i}", "sort", name, {"axis": 0}))
        elif kind == 2:
            nodes.append(_node(f"f{i}", "max_min", name, {"axis": 0}))
            width *= 2
        elif kind == 3:
            nodes.append(_node(f"f{i}", "p_relu", name, None, slopes=rng.uniform(-2, 2, units)))
        elif kind == 4:
            nodes.append(_node(f"f{i}", "softmax", name, {"axis": 0}))
        elif kind == 5:
            nodes.append(_node(f"a{i}", "activation", name, {"function": "relu"}))
            nodes.append(
                _node(
                    f"f{i}",
                    str(rng.choice(["add", "subtract", "average", "maximum", "minimum"])),
                    (name, f"a{i}"),
                )
            )
        elif kind == 6:
            nodes.append(
                _node(f"f{i}", "activation", name, {"function": "leaky_relu", "slope": -0.5, "maximum": 1.0})
            )
        else:
            nodes.append(_node(f"f{i}", "activation", name, {"function": str(rng.choice(functions))}))
        name = f"f{i}"
    return Network(tuple(nodes), name)


@pytest.mark.parametrize("seed", range(40))
def test_no_change_is_outside_of_what_is_proved(seed):
    rng = np.random.default_rng(seed)
    network = _random_network(rng)
    certified = CertifiedNetwork.of(network)
    low, high = certified.slopes(MOVES)
    size = np.maximum(np.abs(low), np.abs(high))[:COLUMNS]
    assert certified.lipschitz <= np.linalg.norm(size) * (1 + 1e-9)
    for scale, step in itertools.product((0.01, 1.0, 30.0), (1e-3, 0.5, 20.0)):
        x = scale * rng.standard_normal((40, COLUMNS))
        before = forward(network, x)
        for move, least, greatest in zip(MOVES, low, high, strict=True):
            after = forward(network, x + step * move.direction(COLUMNS))
            slopes = (after - before) / step
            off = 1e-12 * (1 + np.abs(before) + np.abs(after)) / step
            assert (slopes >= least - off).all()
            assert (slopes <= greatest + off).all()
        jump = step * rng.standard_normal(x.shape)
        far = np.linalg.norm(forward(network, x + jump) - before, axis=1)
        assert (far <= certified.lipschitz * np.linalg.norm(jump, axis=1) * (1 + 1e-9) + 1e-9).all()


def test_the_slopes_of_a_linear_network_are_its_matrix():
    network = dense_network((COLUMNS, 7, 3), activation="linear")
    matrix = network.node("dense0").arrays["kernel"].astype(float) @ network.node("dense1").arrays["kernel"]
    low, high = CertifiedNetwork.of(network).slopes(MOVES)
    for found in (low, high):
        assert np.allclose(found[:COLUMNS], matrix, rtol=1e-8, atol=1e-8)
        assert np.allclose(found[-1], matrix[2] - matrix[0], rtol=1e-8, atol=1e-8)
    assert (low < high).all()


def test_magnitudes_say_more_than_norms_where_many_outputs_read_one_input():
    # |∂f/∂x_i| <= 1 of each column, where norms alone say ‖a‖·√8/√8 of all together.
    signs = np.where(np.arange(40).reshape(COLUMNS, 8) % 3 == 0, -1.0, 1.0)
    pairs = {"size": 2, "pairing": "halves"}
    network = Network(
        (
            NetworkNode("x", "input", (), {"shape": (COLUMNS,)}),
            _node("a", "dense", "x", None, kernel=signs),
            _node("s", "group_sort", "a", pairs),
            _node("b", "dense", "s", None, kernel=np.vstack([np.ones((1, 8)), np.zeros((7, 8))])),
            _node("t", "group_sort", "b", pairs),
            _node("c", "dense", "t", None, kernel=np.full((8, 1), 0.125)),
        ),
        "c",
    )
    certified = CertifiedNetwork.of(network)
    low, high = certified.slopes(MOVES[:COLUMNS])
    assert np.maximum(np.abs(low), np.abs(high)).max() <= 1 + 1e-9
    gains = {name: bound.upper for name, bound in prove(network).items()}
    # The constant of the whole follows from the columns, and that is stated too.
    assert certified.lipschitz <= np.sqrt(COLUMNS) * (1 + 1e-9)
    assert certified.lipschitz < 0.99 * compose(network, gains)["c"]


def test_what_never_falls_is_proved():
    # 2·x_0 + an absolute value of x_0 + x_1: a slope in [1, 3].
    network = Network(
        (
            NetworkNode("x", "input", (), {"shape": (2,)}),
            _node("sum", "dense", "x", None, kernel=np.ones((2, 1))),
            _node("abs", "activation", "sum", {"function": "abs"}),
            _node("twice", "dense", "x", None, kernel=np.array([[2.0], [0.0]])),
            _node("all", "add", ("abs", "twice")),
        ),
        "all",
    )
    low, high = CertifiedNetwork.of(network).slopes([Move("a", (0,)), Move("b", (1,))])
    assert np.allclose([*low[:, 0], *high[:, 0]], [1, -1, 3, 1], rtol=1e-8)


def test_an_image_has_no_columns():
    network = Network((NetworkNode("x", "input", (), {"shape": (2, 2)}),), "x")
    with pytest.raises(RefusedError, match="which has no columns"):
        CertifiedNetwork.of(network).slopes([Move("a", (0,))])
