"""Functions of each value, made of comparisons, sums, products and quotients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certifying.network import NetworkNode
from lipbuild.exporting.c_code.call import Call, Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.steps.elements import elements
from lipbuild.exporting.c_code.steps.step import Step

# A number as it stands in C, or in NumPy.
Number = Callable[[float], Any]


@dataclass(frozen=True)
class Function:
    """A function of one value.

    Args:
        text: The expression in C of a value `v`, from what makes a constant.
        values: The same in NumPy.
    """

    text: Callable[[Number], str]
    values: Callable[[Values, Number], Values]


def _clip_text(value: str, low: str, high: str) -> str:
    return f"(({value} < {low}) ? {low} : (({value} > {high}) ? {high} : {value}))"


def _clip(value: Values, low: Any, high: Any) -> Values:
    return np.where(value < low, low, np.where(value > high, high, value))


def _leaky(slope: float, most: float = math.inf) -> Function:
    def text(n: Number) -> str:
        upper = "v" if most == math.inf else f"((v < {n(most)}) ? v : {n(most)})"
        return f"(v >= {n(0.0)}) ? {upper} : (v * {n(slope)})"

    def values(v: Values, n: Number) -> Values:
        upper = v if most == math.inf else np.where(v < n(most), v, n(most))
        return np.where(v >= n(0.0), upper, v * n(slope))

    return Function(text, values)


def _sixth_text(n: Number) -> str:
    return f"{_clip_text(f'(v + {n(3.0)})', n(0.0), n(6.0))} / {n(6.0)}"


def _sixth(v: Values, n: Number) -> Values:
    return _clip(v + n(3.0), n(0.0), n(6.0)) / n(6.0)


def _above_text(n: Number) -> str:
    return f"({_clip_text('v', n(-1.0), n(1.0))} + {n(1.0)})"


def _above(v: Values, n: Number) -> Values:
    return _clip(v, n(-1.0), n(1.0)) + n(1.0)


_HARD_SILU = Function(lambda n: f"v * ({_sixth_text(n)})", lambda v, n: v * _sixth(v, n))

FUNCTIONS: dict[str, Function] = {
    "linear": Function(lambda _: "v", lambda v, _: v),
    "relu": Function(
        lambda n: f"(v > {n(0.0)}) ? v : {n(0.0)}", lambda v, n: np.where(v > n(0.0), v, n(0.0))
    ),
    "relu6": Function(lambda n: _clip_text("v", n(0.0), n(6.0)), lambda v, n: _clip(v, n(0.0), n(6.0))),
    "abs": Function(lambda n: f"(v < {n(0.0)}) ? -v : v", lambda v, n: np.where(v < n(0.0), -v, v)),
    "hard_tanh": Function(lambda n: _clip_text("v", n(-1.0), n(1.0)), lambda v, n: _clip(v, n(-1.0), n(1.0))),
    "leaky_relu": _leaky(float(np.float32(0.2))),
    "soft_shrink": Function(
        lambda n: f"v - {_clip_text('v', n(-0.5), n(0.5))}", lambda v, n: v - _clip(v, n(-0.5), n(0.5))
    ),
    "softsign": Function(
        lambda n: f"v / ({n(1.0)} + ((v < {n(0.0)}) ? -v : v))",
        lambda v, n: v / (n(1.0) + np.where(v < n(0.0), -v, v)),
    ),
    "hard_sigmoid": Function(_sixth_text, _sixth),
    "sparse_sigmoid": Function(lambda n: f"{n(0.5)} * {_above_text(n)}", lambda v, n: n(0.5) * _above(v, n)),
    "sparse_plus": Function(
        lambda n: f"(v >= {n(1.0)}) ? v : (({n(0.25)} * {_above_text(n)}) * {_above_text(n)})",
        lambda v, n: np.where(v >= n(1.0), v, (n(0.25) * _above(v, n)) * _above(v, n)),
    ),
    "hard_silu": _HARD_SILU,
    "hard_swish": _HARD_SILU,
}


def _function(node: NetworkNode) -> Function | None:
    parameters = node.parameters
    if parameters["function"] == "leaky_relu" and "slope" in parameters:
        maximum = parameters.get("maximum")
        return _leaky(float(parameters["slope"]), math.inf if maximum is None else float(maximum))
    return FUNCTIONS.get(parameters["function"])


class Activation(Step):
    """A function of each value."""

    in_place = True

    def refusal(self, node: NetworkNode) -> str | None:
        """The function needs a mathematical library."""
        if _function(node) is None:
            return f"the function `{node.parameters['function']}`, which needs a mathematical library"
        return None

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        function = _function(call.node)
        assert function is not None
        with elements(code, call) as (place, _):
            code.line(f"const {call.type} v = {call.x}[{place}];")
            code.line(f"{call.y}[{place}] = {function.text(call.literal)};")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        function = _function(call.node)
        assert function is not None
        return function.values(inputs[0], call.number_of)


class PReLU(Step):
    """x where it is not below 0, and slope · x elsewhere."""

    in_place = True

    def write(self, code: Code, call: Call) -> None:
        """Value by value."""
        with elements(code, call) as (place, arrays):
            code.line(f"const {call.type} v = {call.x}[{place}];")
            code.line(f"{call.y}[{place}] = (v >= {call.literal(0.0)}) ? v : (v * {arrays['slopes']});")

    def emulate(self, call: Call, inputs: Sequence[Values]) -> Values:
        """The same."""
        return np.where(inputs[0] >= 0, inputs[0], inputs[0] * call.values("slopes"))
