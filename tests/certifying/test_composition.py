import numpy as np
import pytest

from lipbuild.certifying.composition import compose, prove, shapes_of
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.errors import RefusedError


def _dense(name, source, rows, columns, norm=1.0, seed=0):
    kernel = np.random.default_rng(seed).standard_normal((rows, columns))
    kernel *= norm / np.linalg.norm(kernel, 2)
    return NetworkNode(name, "dense", (source,), {}, {"kernel": kernel})


def _constant(*nodes):
    network = Network((NetworkNode("x", "input", (), {"shape": (8,)}), *nodes), nodes[-1].name)
    gains = {name: bound.upper for name, bound in prove(network).items()}
    return compose(network, gains)[network.output]


def _slice(name, source, start, stop):
    return NetworkNode(name, "slice", (source,), {"slices": ((start, stop, None),)})


def test_a_chain_multiplies():
    assert _constant(_dense("a", "x", 8, 5, 2.0), _dense("b", "a", 5, 3, 3.0)) == pytest.approx(
        6.0, rel=1e-12
    )


def test_a_residual_adds():
    assert _constant(_dense("a", "x", 8, 8, 2.0), NetworkNode("y", "add", ("x", "a"))) == pytest.approx(
        3.0, rel=1e-12
    )


def test_a_difference_adds_too():
    assert _constant(_dense("a", "x", 8, 8, 2.0), NetworkNode("y", "subtract", ("x", "a"))) == pytest.approx(
        3.0
    )


def test_an_average_averages():
    assert _constant(_dense("a", "x", 8, 8, 2.0), NetworkNode("y", "average", ("x", "a"))) == pytest.approx(
        1.5
    )


@pytest.mark.parametrize("kind", ["maximum", "minimum"])
def test_a_maximum_and_a_minimum_of_two_branches_take_the_root_of_the_squares(kind):
    assert _constant(_dense("a", "x", 8, 8, 2.0), NetworkNode("y", kind, ("x", "a"))) == pytest.approx(
        5.0**0.5
    )


def test_a_concatenation_takes_the_root_of_the_squares():
    y = NetworkNode("y", "concatenate", ("x", "a"), {"axis": -1})
    assert _constant(_dense("a", "x", 8, 3, 2.0), y) == pytest.approx(5.0**0.5, rel=1e-12)


def test_disjoint_slices_joined_again_count_once_at_the_largest_gain():
    nodes = [
        _slice("a", "x", 0, 4),
        _slice("b", "x", 4, 8),
        _dense("c", "a", 4, 4, 2.0),
        _dense("d", "b", 4, 4, 3.0),
    ]
    y = NetworkNode("y", "concatenate", ("c", "d"), {"axis": 0})
    assert _constant(*nodes, y) == pytest.approx(3.0, rel=1e-12)


def test_what_was_joined_may_be_cut_again_by_other_lines():
    """Whether the first cut is the one that helps, or the last."""
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 4, 8)]
    nodes += [NetworkNode("m", "concatenate", ("b", "a"), {"axis": 0}), _dense("u", "m", 8, 8)]
    nodes += [_slice("c", "u", 0, 3), _slice("d", "u", 3, 8)]
    y = NetworkNode("y", "concatenate", ("d", "c"), {"axis": 0})
    assert _constant(*nodes, y) == pytest.approx(1.0, rel=1e-12)
    # Both halves of `a` depend on `a`, which has nothing in common with `b`.
    halves = [_slice("e", "a", 0, 2), _dense("f", "e", 2, 2)]
    y = NetworkNode("y", "concatenate", ("f", "b"), {"axis": 0})
    assert _constant(*nodes[:2], *halves, y) == pytest.approx(1.0, rel=1e-12)


def test_a_deep_network_that_cuts_and_joins_layer_by_layer_counts_once():
    """Rows that multiplied by each of its layers would be 2^40."""
    nodes, before = [], "x"
    for i in range(40):
        nodes += [_slice(f"a{i}", before, 0, 3 + i % 3), _slice(f"b{i}", before, 3 + i % 3, 8)]
        nodes.append(NetworkNode(f"c{i}", "concatenate", (f"b{i}", f"a{i}"), {"axis": 0}))
        before = f"c{i}"
    assert _constant(*nodes) == 1.0


def test_overlapping_slices_do_not_count_once():
    y = NetworkNode("y", "concatenate", ("a", "b"), {"axis": 0})
    assert _constant(_slice("a", "x", 0, 5), _slice("b", "x", 4, 8), y) == pytest.approx(2.0**0.5, rel=1e-12)


def test_the_same_slice_twice_does_not_count_once():
    y = NetworkNode("y", "concatenate", ("a", "a"), {"axis": 0})
    assert _constant(_slice("a", "x", 0, 5), y) == pytest.approx(2.0**0.5, rel=1e-12)


def test_slices_of_two_sources_do_not_count_once():
    nodes = [_dense("u", "x", 8, 8, 1.0), _slice("a", "x", 0, 4), _slice("b", "u", 4, 8)]
    y = NetworkNode("y", "concatenate", ("a", "b"), {"axis": 0})
    assert _constant(*nodes, y) == pytest.approx(2.0**0.5, rel=1e-12)


def test_pairs_sorted_by_a_maximum_and_a_minimum_count_once():
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 4, 8)]
    nodes += [NetworkNode("c", "maximum", ("a", "b")), NetworkNode("d", "minimum", ("b", "a"))]
    y = NetworkNode("y", "concatenate", ("c", "d"), {"axis": 0})
    assert _constant(*nodes, y) == 1.0


def test_a_maximum_twice_is_no_sorted_pair():
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 4, 8)]
    nodes += [NetworkNode("c", "maximum", ("a", "b")), NetworkNode("d", "maximum", ("a", "b"))]
    y = NetworkNode("y", "concatenate", ("c", "d"), {"axis": 0})
    assert _constant(*nodes, y) == pytest.approx(2.0**0.5, rel=1e-12)


@pytest.mark.parametrize(("kind", "constant"), [("add", 5.0), ("subtract", 5.0), ("average", 2.5)])
def test_a_sum_of_disjoint_parts_takes_the_root_of_their_squares(kind, constant):
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 4, 8)]
    nodes += [_dense("c", "a", 4, 4, 3.0), _dense("d", "b", 4, 4, 4.0)]
    assert _constant(*nodes, NetworkNode("y", kind, ("c", "d"))) == pytest.approx(constant, rel=1e-12)


def test_a_sum_of_overlapping_parts_adds_up():
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 3, 7)]
    assert _constant(*nodes, NetworkNode("y", "add", ("a", "b"))) == pytest.approx(2.0, rel=1e-12)


def test_interleaved_parts_have_nothing_in_common():
    nodes = [
        NetworkNode("a", "slice", ("x",), {"slices": ((0, None, 2),)}),
        NetworkNode("b", "slice", ("x",), {"slices": ((1, None, 2),)}),
    ]
    assert _constant(*nodes, NetworkNode("y", "add", ("a", "b"))) == pytest.approx(2.0**0.5, rel=1e-12)


def test_a_source_of_its_own_beside_parts_counts_by_itself():
    nodes = [_slice("a", "x", 0, 4), _slice("b", "x", 4, 8), _dense("c", "x", 8, 3, 2.0)]
    y = NetworkNode("y", "concatenate", ("a", "b", "c"), {"axis": 0})
    assert _constant(*nodes, y) == pytest.approx(5.0**0.5, rel=1e-12)


def _recurrence(steps, sequences, growth=1.0):
    """h_t = relu(x_t + U h_{t−1}): the last state, or all beside each other."""
    nodes, states = [], []
    for t in range(steps):
        nodes.append(_slice(f"x{t}", "x", t, t + 1))
        name = f"x{t}"
        if states:
            nodes.append(_dense(f"u{t}", states[-1], 1, 1, growth))
            nodes.append(NetworkNode(f"s{t}", "add", (name, f"u{t}")))
            name = f"s{t}"
        nodes.append(NetworkNode(f"h{t}", "activation", (name,), {"function": "relu"}))
        states.append(f"h{t}")
    if sequences:
        nodes.append(NetworkNode("y", "concatenate", tuple(states), {"axis": 0}))
    return nodes


@pytest.mark.parametrize("steps", [1, 2, 5, 8])
@pytest.mark.parametrize("growth", [1.0, 0.5, 1.25])
def test_an_unrolled_recurrence_has_the_constant_of_its_matrix(growth, steps):
    triangle = np.tril(growth ** np.maximum(np.subtract.outer(np.arange(steps), np.arange(steps)), 0.0))
    last, whole = np.linalg.norm(triangle[-1]), np.linalg.norm(triangle, 2)
    assert last <= _constant(*_recurrence(steps, False, growth)) * (1 + 1e-12)
    assert _constant(*_recurrence(steps, False, growth)) <= last * (1 + 1e-11)
    assert whole <= _constant(*_recurrence(steps, True, growth)) * (1 + 1e-12)
    assert _constant(*_recurrence(steps, True, growth)) <= whole * (1 + 1e-9)
    if growth == 1.0:
        assert whole == pytest.approx(1.0 / (2.0 * np.sin(np.pi / (4 * steps + 2))))


@pytest.mark.parametrize(
    "nodes",
    [
        (NetworkNode("y", "lambda", ("x",)),),
        (NetworkNode("y", "add", ("x", "z")),),
        (NetworkNode("x", "identity", ("x",)),),
        (NetworkNode("y", "identity", ()),),
        (NetworkNode("y", "input", (), {"shape": (8,)}),),
        (NetworkNode("y", "identity", ("x", "x")),),
        (NetworkNode("y", "reshape", ("x",), {"shape": (3, -1)}),),
        (NetworkNode("y", "activation", ("x",), {"function": "exponential", "slope": 0.0}),),
        (NetworkNode("y", "dense", ("x",), {}, {"kernel": np.ones((7, 2))}),),
        (NetworkNode("y", "dense", ("x",), {}, {"kernel": np.ones((8, 2)), "bias": np.ones(3)}),),
        (NetworkNode("y", "slice", ("x",), {"slices": ((8, 9, None),)}),),
        (NetworkNode("a", "slice", ("x",), {"slices": ((0, 3, None),)}), NetworkNode("y", "add", ("a", "x"))),
    ],
)
def test_what_has_no_constant_is_refused_with_its_name(nodes):
    network = Network((NetworkNode("x", "input", (), {"shape": (8,)}), *nodes), nodes[-1].name)
    with pytest.raises(RefusedError, match=f"`{nodes[-1].name}`"):
        shapes_of(network)


def test_a_weight_that_is_not_finite_is_refused_with_the_name_of_its_node():
    kernel = np.ones((8, 2))
    kernel[0, 0] = np.nan
    node = NetworkNode("y", "dense", ("x",), {}, {"kernel": kernel})
    network = Network((NetworkNode("x", "input", (), {"shape": (8,)}), node), "y")
    with pytest.raises(RefusedError, match="`y`"):
        prove(network)
