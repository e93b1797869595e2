import itertools
import math

import numpy as np
import pytest

from lipbuild.certifying.bounds.inference_error import (
    UNIT_ROUNDOFF_32,
    UNIT_ROUNDOFF_64,
    Rounding,
    error_up,
    gamma_of,
)
from lipbuild.certifying.composition import prove
from lipbuild.certifying.inference import forward, inference_error
from lipbuild.certifying.network import Network, NetworkNode


def _mlp(widths, seed=0, activation="relu"):
    rng = np.random.default_rng(seed)
    nodes, name = [NetworkNode("x", "input", (), {"shape": (widths[0],)})], "x"
    for i, (rows, columns) in enumerate(itertools.pairwise(widths)):
        kernel = rng.standard_normal((rows, columns)) / math.sqrt(rows)
        arrays = {
            "kernel": kernel.astype(np.float32),
            "bias": rng.standard_normal(columns).astype(np.float32),
        }
        nodes.append(NetworkNode(f"dense{i}", "dense", (name,), {}, arrays))
        nodes.append(NetworkNode(f"act{i}", "activation", (f"dense{i}",), {"function": activation}))
        name = f"act{i}"
    return Network(tuple(nodes), name)


def _float32(network, x):
    for node in network.nodes[1:]:
        x = (
            x @ node.arrays["kernel"] + node.arrays["bias"]
            if node.kind == "dense"
            else np.maximum(x, np.float32(0))
        )
    return x


def test_the_error_of_float32_stays_below_its_bound():
    network = _mlp([50, 64, 64, 10])
    gains = {name: bound.upper for name, bound in prove(network).items()}
    x = np.random.default_rng(1).standard_normal((200, 50)).astype(np.float32)
    norm = float(np.linalg.norm(x.astype(np.float64), axis=1).max())
    actual = np.linalg.norm(_float32(network, x) - forward(network, x), axis=1).max()
    bound32 = inference_error(network, gains, norm, UNIT_ROUNDOFF_32)
    bound64 = inference_error(network, gains, norm, UNIT_ROUNDOFF_64)
    assert 0.0 < actual <= bound32 + bound64
    assert bound32 < 1.0
    assert bound64 < 1e-8


def test_a_huge_bias_makes_the_error_huge():
    network = _mlp([20, 16, 4])
    gains = {name: bound.upper for name, bound in prove(network).items()}
    plain = inference_error(network, gains, 1.0, UNIT_ROUNDOFF_32)
    network.node("dense0").arrays["bias"][:] = 1e6
    assert inference_error(network, gains, 1.0, UNIT_ROUNDOFF_32) > 1e4 * plain


@pytest.mark.parametrize("activation", ["tanh", "softplus", "elu", "sigmoid"])
def test_an_activation_that_a_library_serves_has_no_error_bound_in_float32(activation):
    network = _mlp([5, 4], activation=activation)
    gains = {name: bound.upper for name, bound in prove(network).items()}
    assert inference_error(network, gains, 1.0, UNIT_ROUNDOFF_32) == math.inf
    # In float64 it is computed here, from additions and multiplications.
    assert inference_error(network, gains, 1.0, UNIT_ROUNDOFF_64) < 1e-12


def test_what_only_chooses_carries_the_error_without_adding_to_it():
    assert error_up(0.25, 10.0, 1.0, Rounding(), UNIT_ROUNDOFF_32) == 0.25


def test_the_error_of_an_affine_map_is_that_of_its_formula():
    n, unit = 100, UNIT_ROUNDOFF_32
    value = error_up(0.5, 3.0, 2.0, Rounding(n, 4.0, 5.0, 10), unit)
    assert value == pytest.approx(
        2.0 * 0.5 + (n + 1) * unit / (1 - (n + 1) * unit) * (4.0 * 3.5 + 5.0), rel=1e-9
    )
    assert value >= 2.0 * 0.5 + (n + 1) * unit * (4.0 * 3.5 + 5.0)


def test_too_many_roundings_have_no_bound():
    with pytest.raises(ValueError):
        gamma_of(2**24, UNIT_ROUNDOFF_32)


def test_inputs_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        forward(_mlp([5, 4]), np.zeros((1, 6)))
