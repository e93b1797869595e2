"""Small networks for certificates, and their arithmetic in float32."""

import itertools
import math

import numpy as np

from lipbuild.certifying.network import Network, NetworkNode


def dense_network(widths, seed=0, activation="relu", scale=1.0):
    """Dense layers of random weights with an activation after each but the last."""
    rng = np.random.default_rng(seed)
    nodes, name = [NetworkNode("x", "input", (), {"shape": (widths[0],)})], "x"
    pairs = list(itertools.pairwise(widths))
    for i, (rows, columns) in enumerate(pairs):
        kernel = scale * rng.standard_normal((rows, columns)) / math.sqrt(rows)
        arrays = {
            "kernel": kernel.astype(np.float32),
            "bias": rng.standard_normal(columns).astype(np.float32),
        }
        nodes.append(NetworkNode(f"dense{i}", "dense", (name,), {}, arrays))
        name = f"dense{i}"
        if i + 1 < len(pairs):
            nodes.append(
                NetworkNode(f"act{i}", "activation", (name,), {"function": activation, "slope": 0.0})
            )
            name = f"act{i}"
    return Network(tuple(nodes), name)


def in_float32(network, x):
    """The outputs of a `dense_network` with relu, in float32."""
    x = np.asarray(x, np.float32)
    for node in network.nodes[1:]:
        x = x @ node.arrays["kernel"] + node.arrays["bias"] if node.arrays else np.maximum(x, np.float32(0))
    return x
