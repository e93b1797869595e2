"""Lipschitz constants of the activations that Keras knows by name (L2, elementwise unless said)."""

from __future__ import annotations

# Exact, or rounded up where irrational. None: no finite constant.
CONSTANTS: dict[str, float | None] = {
    "linear": 1.0,
    "relu": 1.0,
    "relu6": 1.0,
    "leaky_relu": 1.0,
    "elu": 1.0,
    "celu": 1.0,
    "softplus": 1.0,
    "tanh": 1.0,
    "hard_tanh": 1.0,
    "softsign": 1.0,
    "sparse_plus": 1.0,
    "squareplus": 1.0,
    "log_sigmoid": 1.0,
    "tanh_shrink": 1.0,
    "soft_shrink": 1.0,
    "sigmoid": 0.25,
    "sparse_sigmoid": 0.5,
    "hard_sigmoid": 0.16666667,
    "softmax": 0.5,
    "selu": 1.758100,
    "gelu": 1.128995,
    "silu": 1.099840,
    "swish": 1.099840,
    "mish": 1.088499,
    "hard_silu": 1.5,
    "hard_swish": 1.5,
    "exponential": None,
    "glu": None,
    "hard_shrink": None,
    "threshold": None,
    "log_softmax": None,
    # The projection onto the simplex has 1, but Keras on TensorFlow computes another threshold: its outputs do
    # not sum to 1, and its constant grows with their number.
    "sparsemax": None,
}

ALLOWED = tuple(name for name, constant in CONSTANTS.items() if constant is not None and constant <= 1.0)

# Those of them that jump.
DISCONTINUOUS = frozenset({"hard_shrink", "threshold"})
