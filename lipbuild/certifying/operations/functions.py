"""Functions of values, and of groups of channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.certifying.bounds.arrays import exact_float64
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.elementary import exponential, logarithm_of_one_plus, normal_distribution
from lipbuild.certifying.bounds.inference_error import Rounding
from lipbuild.certifying.bounds.rounding import down, mul_up, sqrt_up, up
from lipbuild.certifying.bounds.scale import scale
from lipbuild.certifying.network import NetworkNode
from lipbuild.certifying.operations.operation import Array, Operation, Shape
from lipbuild.errors import RefusedError


@dataclass(frozen=True)
class Function:
    """A function of one number.

    Args:
        constant: Its Lipschitz constant.
        values: The function in float64.
        roundings: 0 where it is computed without one; otherwise |computed − f(x)| <= roundings · u (|x| + 1).
        library: Whether what serves it is a mathematical library, whose error is not known.
    """

    constant: float
    values: Callable[[Array], Array]
    roundings: int = 0
    library: bool = False


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0.0) + logarithm_of_one_plus(exponential(-np.abs(x)))


def _tanh(x: Array) -> Array:
    power = exponential(-2.0 * np.abs(x))
    return np.asarray(np.sign(x) * (1.0 - power) / (1.0 + power), np.float64)


def _sigmoid(x: Array) -> Array:
    power = exponential(-np.abs(x))
    return np.where(x >= 0.0, 1.0, power) / (1.0 + power)


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0.0, x, alpha * (exponential(np.minimum(x, 0.0)) - 1.0))


def _mish(x: Array) -> Array:
    """x tanh(ln(1 + eˣ)), as a quotient of sums of powers of e^−|x|."""
    p = exponential(-np.abs(x))
    upper = np.where(x > 0.0, 1.0 + 2.0 * p, p * (p + 2.0))
    return x * (upper / (upper + 2.0 * np.where(x > 0.0, p * p, 1.0)))


def _hard_silu(x: Array) -> Array:
    return x * (np.clip(x + 3.0, 0.0, 6.0) / 6.0)


def _selu(x: Array) -> Array:
    return 1.0507009873554805 * _elu(x, 1.6732632423543772)


# TensorFlow holds the √½ of GELU in float32, whatever it computes in. The constant of x Φ(cx) is that of x Φ(x).
_GELU = float(np.float32(math.sqrt(0.5))) / math.sqrt(0.5)
# A polynomial's rounding, that of the elementary functions here with what is computed from them, and of a long series.
_FEW, _MANY, _SERIES = 8, 64, 512

FUNCTIONS: dict[str, Function] = {
    "linear": Function(1.0, lambda x: x),
    "relu": Function(1.0, lambda x: np.maximum(x, 0.0)),
    "relu6": Function(1.0, lambda x: np.clip(x, 0.0, 6.0)),
    "abs": Function(1.0, np.abs),
    "hard_tanh": Function(1.0, lambda x: np.clip(x, -1.0, 1.0)),
    "leaky_relu": Function(1.0, lambda x: np.where(x >= 0.0, x, x * float(np.float32(0.2))), 1),
    "soft_shrink": Function(1.0, lambda x: x - np.clip(x, -0.5, 0.5), 1),
    "softsign": Function(1.0, lambda x: x / (1.0 + np.abs(x)), _FEW),
    "hard_sigmoid": Function(0.16666667, lambda x: np.clip(x + 3.0, 0.0, 6.0) / 6.0, _FEW),
    "sparse_sigmoid": Function(0.5, lambda x: 0.5 * (np.clip(x, -1.0, 1.0) + 1.0), _FEW),
    "sparse_plus": Function(
        1.0, lambda x: np.where(x >= 1.0, x, 0.25 * (np.clip(x, -1.0, 1.0) + 1.0) ** 2), _FEW
    ),
    "squareplus": Function(1.0, lambda x: 0.5 * (x + np.sqrt(x * x + 4.0)), _MANY, True),
    "tanh": Function(1.0, _tanh, _MANY, True),
    "tanh_shrink": Function(1.0, lambda x: x - _tanh(x), _MANY, True),
    "sigmoid": Function(0.25, _sigmoid, _MANY, True),
    "log_sigmoid": Function(1.0, lambda x: -_softplus(-x), _MANY, True),
    "softplus": Function(1.0, _softplus, _MANY, True),
    "elu": Function(1.0, _elu, _MANY, True),
    "celu": Function(1.0, _elu, _MANY, True),
    "selu": Function(1.7580993409, _selu, _MANY, True),
    "silu": Function(1.0998393202, lambda x: x * _sigmoid(x), _MANY, True),
    "swish": Function(1.0998393202, lambda x: x * _sigmoid(x), _MANY, True),
    "hard_silu": Function(1.5, _hard_silu, _FEW),
    "hard_swish": Function(1.5, _hard_silu, _FEW),
    "mish": Function(1.0884981613, _mish, _MANY, True),
    "gelu": Function(1.1289041452, lambda x: x * normal_distribution(_GELU * x), _SERIES, True),
}
"""Keras's activation functions, at their default arguments."""

# None of them decreases anywhere.
_INCREASING = frozenset(
    {
        "relu",
        "relu6",
        "hard_tanh",
        "soft_shrink",
        "softsign",
        "hard_sigmoid",
        "sparse_sigmoid",
        "sparse_plus",
        "squareplus",
        "tanh",
        "tanh_shrink",
        "sigmoid",
        "log_sigmoid",
        "softplus",
        "elu",
        "celu",
        "selu",
    }
)

_JUMPS = "which jumps: it has no Lipschitz constant"
ACTIVATION_REASONS = {
    "exponential": "whose slope grows without a bound",
    "glu": "which multiplies functions of its input: it has no Lipschitz constant on all inputs",
    "hard_shrink": _JUMPS,
    "threshold": _JUMPS,
    "log_softmax": "whose constant grows with the number of classes: train on logits",
    "sparsemax": "whose threshold Keras does not compute as the projection with a constant",
}
"""Why the others are refused."""


class Activation(Operation):
    """A function of each value alone.

    `function` is a name in `FUNCTIONS`, or `leaky_relu` with a `slope` below 0 and a `maximum`, or `elu` with
    an `alpha`.
    """

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if node.parameters["function"] not in FUNCTIONS:
            name = node.parameters["function"]
            reason = ACTIVATION_REASONS.get(name, "whose constant is not known")
            raise RefusedError(f"`{node.name}` has the activation `{name}`, {reason}")
        return shapes[0]

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """The constant of the function."""
        return Bound(_function(node).constant, 0.0, "closed form", "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """The function."""
        return np.asarray(_function(node).values(inputs[0]), np.float64)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """By a factor between the least and the greatest slope."""
        least, greatest = _slopes(node)
        return scaled_changes(np.asarray(least), np.asarray(greatest), lows[0], highs[0])

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """See `Function`; a library that serves the function in float32 is not known."""
        function, size = _function(node), math.prod(shapes[0])
        if function.roundings == 0:
            return Rounding()
        magnitude = max(1.0, function.constant)
        offset = 0.0 if function.roundings == 1 else mul_up(magnitude, sqrt_up(float(size)))
        return Rounding(function.roundings, magnitude, offset, size, library=function.library)


def _slopes(node: NetworkNode) -> tuple[float, float]:
    """The least and the greatest slope between two points of a function."""
    p, constant = node.parameters, _function(node).constant
    name = p["function"]
    if name == "linear":
        return 1.0, 1.0
    if name == "leaky_relu":
        slope, flat = float(p.get("slope", np.float32(0.2))), p.get("maximum")
        slopes = [slope, *([] if flat == 0.0 else [1.0]), *([] if flat is None else [0.0])]
        return min(slopes), max(slopes)
    increases = name in _INCREASING and p.get("alpha", 1.0) >= 0.0
    return 0.0 if increases else -constant, constant


def scaled_changes(least: Array, greatest: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """What is in [low, high] times what is in [least, greatest], rounded outwards."""
    products = [a * b for a in (least, greatest) for b in (low, high)]
    exact = all(np.isin(np.asarray(factor), (-1.0, 0.0, 1.0)).all() for factor in (least, greatest))
    lowest, highest = np.minimum.reduce(products), np.maximum.reduce(products)
    return (lowest, highest) if exact else (down(lowest), up(highest))


def _function(node: NetworkNode) -> Function:
    p = node.parameters
    if p["function"] == "leaky_relu" and "slope" in p:
        slope, maximum = float(p["slope"]), p.get("maximum")
        most = math.inf if maximum is None else float(maximum)
        constant = max(abs(slope), 0.0 if most == 0.0 else 1.0)
        return Function(constant, lambda x: np.where(x >= 0.0, np.minimum(x, most), x * slope), 1)
    if p["function"] == "elu" and "alpha" in p:
        alpha = float(p["alpha"])
        return Function(max(1.0, abs(alpha)), lambda x: _elu(x, alpha), _MANY, True)
    return FUNCTIONS[p["function"]]


class PReLU(Operation):
    """max(x, 0) + slope · min(x, 0), the slopes broadcast from the last axes."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        slopes = node.arrays["slopes"].shape
        try:
            fits = np.broadcast_shapes(slopes, shapes[0]) == shapes[0]
        except ValueError:
            fits = False
        if not fits:
            raise RefusedError(f"`{node.name}` has slopes of shape {slopes} on inputs {shapes[0]}")
        return shapes[0]

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """max(1, |slope|)."""
        constant = max(1.0, scale(node.arrays["slopes"]).upper)
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """As it says."""
        slopes = exact_float64(node.arrays["slopes"])
        return np.asarray(np.maximum(inputs[0], 0.0) + slopes * np.minimum(inputs[0], 0.0), np.float64)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """By a factor between 1 and the slope."""
        slopes = exact_float64(node.arrays["slopes"])
        return scaled_changes(np.minimum(slopes, 1.0), np.maximum(slopes, 1.0), lows[0], highs[0])

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """A product; one of the addends is 0."""
        return Rounding(1, self.bound(node, shapes, False).upper, 0.0, math.prod(shapes[0]))


class Softmax(Operation):
    """eˣ over the sum of eˣ along an axis, counted from 0 without the batch axis.

    Its Jacobian diag(p) − ppᵀ has rows whose magnitudes sum to 2 p (1 − p) <= ½.
    """

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if not 0 <= node.parameters["axis"] < len(shapes[0]):
            raise RefusedError(f"`{node.name}` has the axis {node.parameters['axis']} of {shapes[0]}")
        return shapes[0]

    def bound(self, node: NetworkNode, shapes: Sequence[Shape], exact: bool) -> Bound:
        """½, and 0 along an axis of length 1."""
        constant = 0.0 if shapes[0][node.parameters["axis"]] == 1 else 0.5
        return Bound(constant, constant, "closed form", "exact")

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """As it says, less the largest value."""
        axis = node.parameters["axis"] + 1
        powers = exponential(inputs[0] - inputs[0].max(axis=axis, keepdims=True))
        return np.asarray(powers / powers.sum(axis=axis, keepdims=True), np.float64)

    def rounding(self, node: NetworkNode, shapes: Sequence[Shape]) -> Rounding:
        """The exponent's rounding u(|x| + max|x|) acts through ½; the rest is relative to values below 1."""
        length = shapes[0][node.parameters["axis"]]
        rows = math.prod(shapes[0]) // length
        # ‖max x‖ over a row's entries is at most √length ‖x‖.
        magnitude = sqrt_up(float(length)) + 1.0
        return Rounding(length + 64, magnitude, sqrt_up(float(rows)), math.prod(shapes[0]), library=True)


class GroupSort(Operation):
    """Channels sorted in groups: `size` neighbours ascending, or halves as (max, min)."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        size, pairing = node.parameters["size"], node.parameters["pairing"]
        fits = pairing == "neighbours" or (pairing == "halves" and size == 2)
        if not shapes[0] or size < 1 or shapes[0][-1] % size or not fits:
            raise RefusedError(
                f"`{node.name}` sorts groups of {size} {pairing} of the channels of inputs {shapes[0]}"
            )
        return shapes[0]

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """Sort."""
        x = inputs[0]
        if node.parameters["pairing"] == "halves":
            a, b = np.split(x, 2, axis=-1)
            return np.concatenate([np.maximum(a, b), np.minimum(a, b)], axis=-1)
        groups = x.reshape(*x.shape[:-1], -1, node.parameters["size"])
        return np.sort(groups, axis=-1).reshape(x.shape)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """The k-th of a group changes by no less than the least and no more than the greatest change in the group."""
        *front, channels = lows[0].shape
        size = node.parameters["size"]
        halves = node.parameters["pairing"] == "halves"
        shape, axis = ((*front, 2, channels // 2), -2) if halves else ((*front, channels // size, size), -1)
        low, high = (
            np.broadcast_to(reduce(x.reshape(shape), axis=axis, keepdims=True), shape).reshape(x.shape)
            for reduce, x in ((np.min, lows[0]), (np.max, highs[0]))
        )
        return low, high


class Sort(Operation):
    """Values in ascending order along an axis, counted from 0 without the batch axis: a permutation."""

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        if not 0 <= node.parameters["axis"] < len(shapes[0]):
            raise RefusedError(f"`{node.name}` sorts along the axis {node.parameters['axis']} of {shapes[0]}")
        return shapes[0]

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """Sort."""
        return np.sort(inputs[0], axis=node.parameters["axis"] + 1)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """Between the least and the greatest change along the axis."""
        axis = node.parameters["axis"] + 1
        low, high = lows[0].min(axis=axis, keepdims=True), highs[0].max(axis=axis, keepdims=True)
        return np.broadcast_to(low, lows[0].shape), np.broadcast_to(high, highs[0].shape)


class MaxMin(Operation):
    """Relu(x) beside relu(−x) along an axis, counted from 0 without the batch axis.

    1-Lipschitz: for two numbers (a₊ − b₊)² + (a₋ − b₋)² <= (a − b)².
    """

    def shape(self, node: NetworkNode, shapes: Sequence[Shape]) -> Shape:
        """Twice the length of the axis."""
        axis = node.parameters["axis"]
        if not 0 <= axis < len(shapes[0]):
            raise RefusedError(f"`{node.name}` joins along the axis {axis} of {shapes[0]}")
        return tuple(2 * n if i == axis else n for i, n in enumerate(shapes[0]))

    def forward(self, node: NetworkNode, inputs: Sequence[Array]) -> Array:
        """Both parts."""
        x = inputs[0]
        return np.concatenate([np.maximum(x, 0.0), np.maximum(-x, 0.0)], axis=node.parameters["axis"] + 1)

    def changes(
        self, node: NetworkNode, lows: Sequence[Array], highs: Sequence[Array]
    ) -> tuple[Array, Array]:
        """Of x, and of −x: by a factor between 0 and 1."""
        axis = node.parameters["axis"] + 1
        low = [np.minimum(lows[0], 0.0), np.minimum(-highs[0], 0.0)]
        high = [np.maximum(highs[0], 0.0), np.maximum(-lows[0], 0.0)]
        return np.concatenate(low, axis=axis), np.concatenate(high, axis=axis)
