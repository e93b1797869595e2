"""Functions of values and of channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.verifier.elementary import elu, exponential, normal_distribution, sigmoid, softplus, tanh
from lipbuild.verifier.floats import SLACK, Array
from lipbuild.verifier.moving_kinds import Identity
from lipbuild.verifier.nodes import Kind, Loss, Node, Shape, require

_ONE, _FEW, _MANY = 1, 8, 64
_LIBRARY = 65  # as _MANY, and served by a library

Function = Callable[[Array], Array]

# GELU multiplies by √½ as float32 has it, also in float64: x Φ(cx) is g(cx)/c with g(x) = x Φ(x), as steep as g.
_GELU = float(np.float32(0.7071067811865476)) / 0.7071067811865476

# name: constant; terms, with |computed − f(x)| <= terms · u (|x| + 1), and where it is 1 <= u |x|; the function.
FUNCTIONS: dict[str, tuple[float, int, Function]] = {
    "linear": (1.0, 0, lambda x: x),
    "relu": (1.0, 0, lambda x: x * (x > 0.0)),
    "relu6": (1.0, 0, lambda x: np.minimum(np.maximum(x, 0.0), 6.0)),
    "abs": (1.0, 0, np.abs),
    "hard_tanh": (1.0, 0, lambda x: np.minimum(np.maximum(x, -1.0), 1.0)),
    "leaky_relu": (1.0, _ONE, lambda x: np.maximum(x, 0.0) + float(np.float32(0.2)) * np.minimum(x, 0.0)),
    "soft_shrink": (1.0, _ONE, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0)),
    "softsign": (1.0, _FEW, lambda x: x / (np.abs(x) + 1.0)),
    "hard_sigmoid": (0.16666667, _FEW, lambda x: np.minimum(np.maximum(x + 3.0, 0.0), 6.0) / 6.0),
    "sparse_sigmoid": (0.5, _FEW, lambda x: np.minimum(np.maximum(0.5 * (x + 1.0), 0.0), 1.0)),
    "sparse_plus": (
        1.0,
        _FEW,
        lambda x: np.where(x > 1.0, x, np.maximum(0.5 * (np.minimum(x, 1.0) + 1.0), 0.0) ** 2),
    ),
    "squareplus": (1.0, _LIBRARY, lambda x: (x + np.sqrt(4.0 + x * x)) / 2.0),
    "tanh": (1.0, _LIBRARY, tanh),
    "tanh_shrink": (1.0, _LIBRARY, lambda x: x - tanh(x)),
    "sigmoid": (0.25, _LIBRARY, sigmoid),
    "softplus": (1.0, _LIBRARY, softplus),
    "log_sigmoid": (1.0, _LIBRARY, lambda x: -softplus(-x)),
    "elu": (1.0, _LIBRARY, elu),
    "celu": (1.0, _LIBRARY, elu),
    "selu": (1.7580993409, _LIBRARY, lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    "silu": (1.0998393202, _LIBRARY, lambda x: x * sigmoid(x)),
    "swish": (1.0998393202, _LIBRARY, lambda x: x * sigmoid(x)),
    "hard_silu": (1.5, _FEW, lambda x: np.minimum(np.maximum(x + 3.0, 0.0), 6.0) * x / 6.0),
    "hard_swish": (1.5, _FEW, lambda x: np.minimum(np.maximum(x + 3.0, 0.0), 6.0) * x / 6.0),
    "mish": (1.0884981613, _LIBRARY, lambda x: x * tanh(softplus(x))),
    "gelu": (1.1289041452, _LIBRARY, lambda x: x * normal_distribution(_GELU * x)),
}
# Slopes between 0 and 1 everywhere.
MONOTONE = {
    "relu",
    "relu6",
    "hard_tanh",
    "tanh",
    "softplus",
    "sigmoid",
    "hard_sigmoid",
    "elu",
    "celu",
    "softsign",
}
# Slopes that are never negative, though above 1 or not used in residual blocks.
INCREASING = MONOTONE | {
    "soft_shrink",
    "sparse_sigmoid",
    "sparse_plus",
    "squareplus",
    "tanh_shrink",
    "log_sigmoid",
    "selu",
}


def slopes_of(node: Node) -> tuple[float, float]:
    """The least and the greatest slope of a function between any two points."""
    name, o = node.options["function"], node.options
    steepest = function_of(node)[0]
    if name == "linear":
        return 1.0, 1.0
    if name == "leaky_relu":
        slope, most = o.get("slope", float(np.float32(0.2))), o.get("maximum", math.inf)
        upper = 1.0 if most > 0.0 else 0.0
        flat = upper if most == math.inf else 0.0
        return min(slope, upper, flat), max(slope, upper, flat)
    return (0.0 if name in INCREASING and o.get("alpha", 0.0) >= 0.0 else -steepest), steepest


def _product(least: Array, greatest: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """The interval of the products, a rounding wider unless all factors are −1, 0 or 1."""
    four = np.stack(np.broadcast_arrays(least * low, least * high, greatest * low, greatest * high))
    whole = bool(np.all((least == np.rint(least)) & (greatest == np.rint(greatest))))
    if whole and max(np.max(np.abs(least)), np.max(np.abs(greatest))) <= 1.0:
        return four.min(axis=0), four.max(axis=0)
    return np.nextafter(four.min(axis=0), -math.inf), np.nextafter(four.max(axis=0), math.inf)


def function_of(node: Node) -> tuple[float, int, Function]:
    """The constant, the terms and the function of an activation with its options."""
    name, o = node.options["function"], node.options
    if name == "leaky_relu" and "slope" in o:
        slope, most = o["slope"], o.get("maximum", math.inf)
        constant = max(abs(slope), 1.0 if most > 0.0 else 0.0)
        return constant, _ONE, lambda x: np.minimum(np.maximum(x, 0.0), most) + slope * np.minimum(x, 0.0)
    if name == "elu" and "alpha" in o:
        alpha = o["alpha"]
        return max(1.0, abs(alpha)), _LIBRARY, lambda x: elu(x, alpha)
    require(name in FUNCTIONS, node, f"is the function `{name}`, whose constant is not known")
    return FUNCTIONS[name]


class Activation(Identity):
    """A function of each value."""

    affine = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        function_of(node)
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """The function."""
        return np.asarray(function_of(node)[2](xs[0]), np.float64)

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """By a slope of the function."""
        least, greatest = slopes_of(node)
        return _product(np.array(least), np.array(greatest), lows[0], highs[0])

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """Its constant."""
        return bound >= function_of(node)[0]

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """See `FUNCTIONS`."""
        constant, terms, _ = function_of(node)
        size = max(1.0, constant)
        offset = size * math.sqrt(math.prod(shapes[0])) * SLACK if terms > _ONE else 0.0
        # What is computed on the way is at most 8 (|x| + 1).
        return Loss(terms, size, offset, served=terms != _LIBRARY, interim=8.0, interim_offset=8.0)


class PReLU(Identity):
    """max(x, 0) + slope · min(x, 0) with slopes that are broadcast from the last axes."""

    affine = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        slopes = node.arrays["slopes"].shape
        fits = len(slopes) == len(shapes[0]) and all(
            n in (1, m) for n, m in zip(slopes, shapes[0], strict=True)
        )
        require(fits, node, f"has slopes of {slopes} for {shapes[0]}")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says."""
        return np.where(xs[0] >= 0.0, xs[0], xs[0] * node.arrays["slopes"])

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """By what is between 1 and the slope."""
        slopes = node.arrays["slopes"]
        return _product(np.minimum(slopes, 1.0), np.maximum(slopes, 1.0), lows[0], highs[0])

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """max(1, |slope|)."""
        return bound >= self._constant(node)

    def _constant(self, node: Node) -> float:
        return max(1.0, float(np.max(np.abs(node.arrays["slopes"]))))

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """One product."""
        return Loss(_ONE, self._constant(node))


class Softmax(Identity):
    """eˣ/Σeˣ along an axis: the rows of its Jacobian have magnitudes that sum to 2p(1 − p) <= ½."""

    affine = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        require(0 <= node.options["axis"] < len(shapes[0]), node, "has no such axis")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """As it says, less the largest value."""
        axis = node.options["axis"] + 1
        powers = exponential(xs[0] - xs[0].max(axis=axis, keepdims=True))
        return np.asarray(powers / powers.sum(axis=axis, keepdims=True), np.float64)

    def at_most(self, node: Node, shapes: Sequence[Shape], bound: float, proof: Mapping[str, Any]) -> bool:
        """½, or 0 along an axis of length 1."""
        return bound >= (0.5 if shapes[0][node.options["axis"]] > 1 else 0.0)

    def loss(self, node: Node, shapes: Sequence[Shape]) -> Loss:
        """That of x − max x, which is at most (1 + √length) ‖x‖ u, and relative errors of numbers below 1."""
        length = shapes[0][node.options["axis"]]
        rows = math.prod(shapes[0]) // length
        return Loss(length + _MANY, 1.0 + math.sqrt(length) * SLACK, math.sqrt(rows) * SLACK, served=False)


class GroupSort(Identity):
    """The channels i and i + C/2 as (larger, smaller)."""

    affine = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        require(shapes[0][-1] % 2 == 0, node, f"sorts pairs of {shapes[0]}")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Sort."""
        pairs = np.sort(xs[0].reshape(*xs[0].shape[:-1], 2, -1), axis=-2)
        return np.flip(pairs, -2).reshape(xs[0].shape)

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """The larger and the smaller of two change by no less and no more than both do."""
        half = lows[0].shape[-1] // 2
        low = np.minimum(lows[0][..., :half], lows[0][..., half:])
        high = np.maximum(highs[0][..., :half], highs[0][..., half:])
        return np.concatenate([low, low], axis=-1), np.concatenate([high, high], axis=-1)


class Sort(Identity):
    """Ascending along an axis."""

    affine = False

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """The input's."""
        require(0 <= node.options["axis"] < len(shapes[0]), node, "has no such axis")
        return shapes[0]

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Sort."""
        return np.sort(xs[0], axis=node.options["axis"] + 1)

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """The k-th changes by no less and no more than all do."""
        axis, zeros = node.options["axis"] + 1, np.zeros_like(lows[0])
        return lows[0].min(axis=axis, keepdims=True) + zeros, highs[0].max(axis=axis, keepdims=True) + zeros


class MaxMin(Kind):
    """max(x, 0) beside max(−x, 0) along an axis: (a₊ − b₊)² + (a₋ − b₋)² <= (a − b)²."""

    def shape(self, node: Node, shapes: Sequence[Shape]) -> Shape:
        """Twice as long along the axis."""
        axis = node.options["axis"]
        require(0 <= axis < len(shapes[0]), node, "has no such axis")
        return tuple(n * 2 if i == axis else n for i, n in enumerate(shapes[0]))

    def values(self, node: Node, xs: Sequence[Array]) -> Array:
        """Both."""
        return np.concatenate(
            [np.maximum(xs[0], 0.0), -np.minimum(xs[0], 0.0)], axis=node.options["axis"] + 1
        )

    def changes(self, node: Node, lows: Sequence[Array], highs: Sequence[Array]) -> tuple[Array, Array]:
        """Each part by a share of what x changes, the second the other way."""
        axis, down, up = node.options["axis"] + 1, np.minimum(lows[0], 0), np.maximum(highs[0], 0)
        return np.concatenate([down, -up], axis=axis), np.concatenate([up, -down], axis=axis)
