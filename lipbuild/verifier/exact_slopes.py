"""As `slopes`, in whole numbers: no floating-point operation is trusted.

A number stands for itself times 2^-2048, and each step is rounded outward. Floating point still gives a hint: the norm
of a matrix, which is then proved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.exact import integers, require_flint, square_at_most
from lipbuild.verifier.floats import Array
from lipbuild.verifier.function_kinds import slopes_of
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.merging_kinds import Add, Average, Merge
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.slopes import Spans

# Behind the point: every float64 is a whole number of these.
_BITS = 2048
# What puts numbers elsewhere, whatever they are, and adds none.
_MOVES = {"identity", "reshape", "permute", "slice", "concatenate"}
# An average counts each of its values by one over their number, which is rounded in floats.
_AVERAGES = {"average_pooling", "global_average_pooling", "centering"}

# An array of Python's integers, or of fractions.
Numbers = Any


@dataclass(frozen=True)
class ExactChange:
    """As `Change`; arrays of integers, but for what the properties give.

    Args:
        low: a bound of each value from below, (directions, *shape).
        high: a bound from above.
        sizes: Bounds of the norm, (directions,).
        joint: Bounds the norm of the change where the input moves by Σ u_i v_i with ‖u‖ = 1.
        linear: Whether the node is an affine function of the input.
    """

    low: Numbers
    high: Numbers
    sizes: Numbers
    joint: int
    linear: bool

    @property
    def ends(self) -> tuple[Numbers, Numbers]:
        """The bounds as fractions."""
        return _fractions(self.low), _fractions(self.high)

    @property
    def greatest(self) -> Numbers:
        """max(|low|, |high|) as fractions, (directions, values)."""
        return _fractions(_greatest(self.low, self.high))

    @property
    def norms(self) -> Numbers:
        """`sizes` as fractions."""
        return _fractions(self.sizes)

    @property
    def whole(self) -> Fraction:
        """`joint` as a fraction."""
        return Fraction(self.joint, 1 << _BITS)


def exact_changes_of_nodes(
    model: Model, gains: Mapping[str, float], spans: Spans, directions: Array, *, whole: bool = False
) -> dict[str, ExactChange]:
    """The change of each node.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        spans: Proved constants from one node to another.
        directions: (directions, *input shape).
        whole: Whether `whole` is to be as small as norms of matrices make it.

    Raises:
        UnreadableError: If python-flint is not installed.
    """
    require_flint()
    whole_numbers, exponent = integers(directions.reshape(-1, *model.shapes[model.input.name]))
    start = whole_numbers << (exponent + _BITS)
    sizes = _sizes(start)
    found = {model.input.name: ExactChange(start, start, sizes, _joint(start, sizes, whole), True)}
    for node in list(model.nodes.values())[1:]:
        inputs = [found[name] for name in node.inputs]
        sizes, joint = _norms(node, inputs, gains)
        for source, target, upper in spans:
            if target == node.name:
                sizes = np.minimum(sizes, _times(found[source].sizes, upper))
                joint = min(joint, _times(found[source].joint, upper))
        found[node.name] = _change(model, node, inputs, sizes, joint, whole)
    return found


def _change(
    model: Model, node: Node, inputs: Sequence[ExactChange], sizes: Numbers, joint: int, whole: bool
) -> ExactChange:
    """The intervals and the norms, each made no wider than the other allows."""
    kind, shape = KINDS[node.kind], model.shapes[node.name]
    wide = np.broadcast_to(_beside(sizes, len(shape)), (len(sizes), *shape))
    lows, highs = [one.low for one in inputs], [one.high for one in inputs]
    if kind.affine:
        low, high = _affine(model, node, lows, highs)
    elif node.kind in ("activation", "p_relu"):
        low, high = _by_slopes(node, lows[0], highs[0])
    else:
        ends = kind.changes(node, lows, highs)
        low, high = (-wide, wide) if ends is None else ends
    low, high = np.maximum(low, -wide), np.minimum(high, wide)
    if node.kind == "dense":
        # By Cauchy and Schwarz.
        kernel, exponent = integers(node.arrays["kernel"])
        rows = np.array([_root(square) for square in (kernel * kernel).sum(axis=0)], object)
        most = _shifted(_beside(inputs[0].sizes, len(shape)) * rows, exponent)[1]
        low, high = np.maximum(low, -most), np.minimum(high, most)
    own = _sizes(_greatest(low, high))
    sizes, joint = np.minimum(sizes, own), min(joint, _root(sum(s * s for s in own)))
    linear = kind.affine and all(one.linear for one in inputs)
    if whole and linear:
        # Twice the middle, and a bound of how far the ends are from it.
        around = _sizes((high - low).reshape(len(low), -1))
        near = _joint(low + high, _sizes(low + high), True)
        joint = min(joint, -(-(near + _root(sum(s * s for s in around))) // 2))
    return ExactChange(low, high, sizes, joint, linear)


def _norms(node: Node, inputs: Sequence[ExactChange], gains: Mapping[str, float]) -> tuple[Numbers, int]:
    """The norms of the changes, by the constants of the operations."""
    kind = KINDS[node.kind]
    if not isinstance(kind, Merge):
        return _times(inputs[0].sizes, gains[node.name]), _times(inputs[0].joint, gains[node.name])

    def together(sizes: Sequence[int]) -> int:
        if not isinstance(kind, Add):
            return _root(sum(size * size for size in sizes))
        return -(-sum(sizes) // (len(sizes) if isinstance(kind, Average) else 1))

    each = [together(row) for row in zip(*(one.sizes for one in inputs), strict=True)]
    return np.array(each, object), together([one.joint for one in inputs])


def _affine(
    model: Model, node: Node, lows: Sequence[Numbers], highs: Sequence[Numbers]
) -> tuple[Numbers, Numbers]:
    """What the ends of the intervals come to, by the signs of the weights."""
    kind = KINDS[node.kind]
    if node.kind in _MOVES:
        return kind.values(node, lows), kind.values(node, highs)
    if node.kind == "subtract":
        return lows[0] - highs[1], highs[0] - lows[1]
    if isinstance(kind, Add):
        count = len(lows) if isinstance(kind, Average) else 1
        return sum(lows) // count, -(-sum(highs) // count)
    low, high = lows[0], highs[0]
    if node.kind == "scale":
        factor, exponent = integers(node.arrays["factor"])
        ends = np.stack(np.broadcast_arrays(low * factor, high * factor))
        least, greatest = _shifted(ends.min(axis=0), exponent)[0], _shifted(ends.max(axis=0), exponent)[1]
        off = _times(np.maximum(-least, greatest), float(node.options.get("factor_error", 0.0)))
        return least - off, greatest + off
    counts: Numbers = 1
    if node.kind == "dense":
        matrix, exponent = integers(node.arrays["kernel"])
    else:
        low, high = low.reshape(len(low), -1), high.reshape(len(high), -1)
        matrix, exponent, counts = _matrix(model, node)
    up, down = np.maximum(matrix, 0), np.minimum(matrix, 0)
    least = _shifted(low @ up + high @ down, exponent)[0] // counts
    greatest = -(-_shifted(high @ up + low @ down, exponent)[1] // counts)
    shape = (len(low), *model.shapes[node.name])
    return least.reshape(shape), greatest.reshape(shape)


def _matrix(model: Model, node: Node) -> tuple[Numbers, int, Numbers]:
    """W = matrix · 2^exponent / counts of y = xW, by the images of the unit vectors, whose entries are weights or 0."""
    shape = model.shapes[node.inputs[0]]
    units = np.eye(math.prod(shape))
    images = KINDS[node.kind].linear(node, [units.reshape(-1, *shape)]).reshape(len(units), -1)
    if node.kind not in _AVERAGES:
        return *integers(images), 1
    if node.kind != "centering":
        counted = (images != 0.0).astype(int).astype(object)
        return counted, 0, counted.sum(axis=0)
    counted = ((images != 0.0) | (units != 0.0)).astype(int).astype(object)
    counts = counted.sum(axis=0)
    return units.astype(int).astype(object) * counts - counted, 0, counts


def _by_slopes(node: Node, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """The products of what is between two slopes and of what is in an interval."""
    if node.kind == "p_relu":
        slopes = np.stack([np.minimum(node.arrays["slopes"], 1.0), np.maximum(node.arrays["slopes"], 1.0)])
    else:
        slopes = np.array(slopes_of(node))
    (least, greatest), exponent = integers(slopes)
    four = np.stack(np.broadcast_arrays(least * low, least * high, greatest * low, greatest * high))
    return _shifted(four.min(axis=0), exponent)[0], _shifted(four.max(axis=0), exponent)[1]


def _joint(matrix: Numbers, sizes: Numbers, closely: bool) -> int:
    """A bound of the norm of a matrix of rows: nearly the norm itself, of which a guess is proved; else Frobenius's."""
    frobenius = _root(sum(size * size for size in sizes))
    if not closely:
        return frobenius
    rows = matrix.reshape(len(matrix), -1)
    try:
        floats = np.array([[float(value) for value in row] for row in _fractions(rows)])
    except OverflowError:
        return frobenius
    guess = float(np.linalg.norm(floats, 2)) * (1.0 + 1e-11)
    if not math.isfinite(guess) or not square_at_most(rows, -_BITS, Fraction(guess) ** 2):
        return frobenius
    return min(frobenius, int(_times(1 << _BITS, guess)))


def _shifted(values: Numbers, exponent: int) -> tuple[Numbers, Numbers]:
    """Values · 2^exponent, rounded down and rounded up."""
    if exponent >= 0:
        return values << exponent, values << exponent
    return values >> -exponent, -(-values >> -exponent)


def _times(values: Numbers, factor: float) -> Numbers:
    """What is not negative times a factor that is not, rounded up."""
    numerator, denominator = factor.as_integer_ratio()
    return -(-values * numerator // denominator)


def _root(square: int) -> int:
    """√square, rounded up."""
    return math.isqrt(square - 1) + 1 if square > 0 else 0


def root_up(square: Fraction) -> Fraction:
    """√square, rounded up."""
    return Fraction(_root(-((-square.numerator << 2 * _BITS) // square.denominator)), 1 << _BITS)


def _sizes(values: Numbers) -> Numbers:
    """Bounds of the norms of the rows."""
    rows = values.reshape(len(values), -1)
    return np.array([_root(square) for square in (rows * rows).sum(axis=1)], object)


def _greatest(low: Numbers, high: Numbers) -> Numbers:
    """max(|low|, |high|), (directions, values)."""
    return np.maximum(-low, high).reshape(len(low), -1)


def _beside(sizes: Numbers, axes: int) -> Numbers:
    return sizes.reshape(-1, *(1,) * axes)


def _fractions(values: Numbers) -> Numbers:
    return np.frompyfunc(lambda value: Fraction(value, 1 << _BITS), 1, 1)(values)
