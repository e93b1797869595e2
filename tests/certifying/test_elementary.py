"""Exponential, logarithm and the functions made of them, against decimal arithmetic."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from lipbuild.certifying.bounds.elementary import exponential, logarithm_of_one_plus
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.functions import FUNCTIONS, Activation
from lipbuild.verifier.function_kinds import FUNCTIONS as VERIFIED

U = Decimal(2) ** -53


def _exactly(function, values):
    with localcontext() as context:
        context.prec = 60
        return [function(Decimal(float(v))) for v in values]


def test_the_exponential_is_as_near_as_it_says():
    rng = np.random.default_rng(0)
    x = -np.concatenate(
        [rng.uniform(0, 1, 300), rng.uniform(0, 720, 300), 10.0 ** rng.uniform(-320, 0, 300), [0.0]]
    )
    for computed, true in zip(exponential(x), _exactly(lambda v: v.exp(), x), strict=True):
        assert abs(Decimal(float(computed)) - true) <= 16 * U * true + Decimal(2) ** -1000


def test_the_logarithm_is_as_near_as_it_says():
    rng = np.random.default_rng(0)
    y = np.concatenate([rng.uniform(0, 1, 500), 10.0 ** rng.uniform(-300, 0, 300), [0.0, 1.0]])
    for computed, true in zip(
        logarithm_of_one_plus(y), _exactly(lambda v: _ln_of_one_plus(v), y), strict=True
    ):
        assert abs(Decimal(float(computed)) - true) <= 16 * U * true


def _ln_of_one_plus(v):
    # ln(1 + v) of small v needs the digits that 1 + v would lose.
    return v - v * v / 2 + v**3 / 3 if v < Decimal("1e-25") else (1 + v).ln()


TRUE = {
    "tanh": lambda v: 1 - 2 / ((2 * v).exp() + 1),
    "sigmoid": lambda v: 1 / (1 + (-v).exp()),
    "softplus": lambda v: (1 + v.exp()).ln(),
    "log_sigmoid": lambda v: -(1 + (-v).exp()).ln(),
    "elu": lambda v: v if v > 0 else v.exp() - 1,
    "celu": lambda v: v if v > 0 else v.exp() - 1,
    "tanh_shrink": lambda v: v - 1 + 2 / ((2 * v).exp() + 1),
    "squareplus": lambda v: (v + (v * v + 4).sqrt()) / 2,
    "softsign": lambda v: v / (1 + abs(v)),
    "hard_sigmoid": lambda v: min(max(v + 3, Decimal(0)), Decimal(6)) / 6,
    "selu": lambda v: Decimal("1.0507009873554805") * (v if v > 0 else _ALPHA * (v.exp() - 1)),
    "silu": lambda v: v / (1 + (-v).exp()),
    "swish": lambda v: v / (1 + (-v).exp()),
    "hard_silu": lambda v: v * min(max(v + 3, Decimal(0)), Decimal(6)) / 6,
    "hard_swish": lambda v: v * min(max(v + 3, Decimal(0)), Decimal(6)) / 6,
    "mish": lambda v: v * (1 - 2 / ((1 + v.exp()) ** 2 + 1)),
    "gelu": lambda v: v * _normal(v * _ROOT_32 / _ROOT),
}
# √½, and as TensorFlow holds it.
_ROOT, _ROOT_32 = Decimal("0.5").sqrt(), Decimal(float(np.float32(0.5**0.5)))
_ALPHA = Decimal("1.6732632423543772")


def _normal(v):
    if abs(v) > 9:
        return Decimal(int(v > 0))  # the rest is below 2^-62
    term = total = v
    for n in range(3, 300, 2):
        term = term * v * v / n
        total += term
    root = Decimal("2.506628274631000502415765284811045253006986740609938316629923576342293654608")
    return Decimal("0.5") + (-v * v / 2).exp() / root * total


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if function.roundings > 1])
def test_a_function_is_as_near_as_its_rounding_says(name):
    if name not in TRUE:
        assert name in {"sparse_sigmoid", "sparse_plus"}  # polynomials of few terms
        return
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=300), rng.uniform(-40, 40, 300), 10.0 ** rng.uniform(-20, 0, 50)])
    computed = Activation().forward(NetworkNode("a", "activation", ("x",), {"function": name}), [x])
    for value, true, at in zip(computed, _exactly(TRUE[name], x), x, strict=True):
        allowed = FUNCTIONS[name].roundings * U * (abs(Decimal(float(at))) + 1)
        assert abs(Decimal(float(value)) - true) <= allowed
    _, terms, function = VERIFIED[name]
    for value, true, at in zip(function(x), _exactly(TRUE[name], x), x, strict=True):
        assert abs(Decimal(float(value)) - true) <= terms * U * (abs(Decimal(float(at))) + 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_constant_is_the_steepest_slope(name):
    # Central differences are slopes somewhere, and within their steps squared of that in the middle.
    x = np.concatenate([[-1e4, -9e3], np.linspace(-12.0, 12.0, 240_001), [9e3, 1e4]])
    values = FUNCTIONS[name].values(x)
    steepest = float(np.max(np.abs(np.diff(values) / np.diff(x))))
    constant = FUNCTIONS[name].constant
    assert VERIFIED[name][0] == constant
    assert steepest <= constant * (1 + 1e-10)
    assert steepest >= constant * (1 - 1e-4)
