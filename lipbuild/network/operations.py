"""The primitive operations that layers stand for: of each the shape that it makes and its Lipschitz constant (L2).

They are the operations that certificates know (`certifying.operations`), less what only a saved model has. Where
composition would lose what a layer has as a whole, it is an operation of its own: a residual block composed of its
two products and its sum would have the constant 3, and has 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lipbuild.network.rounding import mean_up, mul_up, norm_up, root_up, sum_up
from lipbuild.network.shapes import (
    Shape,
    ShapeError,
    channels_of,
    format_shape,
    image,
    sequence,
    size_of,
    window_shape,
    windows,
)

Ends = tuple[int, int]


class Step(NamedTuple):
    """What values change by where a single input changes by 1, whichever input it is and whatever the others are.

    Attributes:
        norm: a bound of the L2 norm of all changes.
        each: a bound of each change.
        total: a bound of the sum of their sizes.
    """

    norm: float = 1.0
    each: float = 1.0
    total: float = 1.0

    def times(self, factor: float) -> Step:
        """All of them multiplied, rounded up."""
        return Step(*(mul_up(factor, bound) for bound in self))

    def within(self, count: float) -> Step:
        """Each bound no larger than what the others say of so many values; infinitely many where that is not known."""
        root = math.inf if math.isinf(count) else root_up(int(count))
        norm = min(self.norm, self.total, mul_up(self.each, root))
        each = min(self.each, norm)
        return Step(norm, each, min(self.total, mul_up(norm, root)))


class Operation:
    """A map that keeps the shape of its input and has a constant.

    Attributes:
        constant: Its Lipschitz constant, rounded up; infinite where there is none.
        is_alike: Whether it is linear, adds nothing, and treats the channels of a position alike, which keep their
            order.
        is_even: Whether its constant is also one for the greatest change of a value, and for the sum of all.
    """

    constant: float = 1.0
    is_alike: bool = False
    is_even: bool = False

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of what it makes.

        Args:
            shapes: The shapes of its inputs, of which there is one unless it merges several.
            layer: What the layer is called in messages.

        Raises:
            ShapeError: It cannot take these shapes.
        """
        return shapes[0]

    def bound(self, bounds: Sequence[float]) -> float:
        """The constant with respect to what the constants of its inputs are with respect to."""
        return mul_up(self.constant, bounds[0])

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """What its result changes by where one input of the network changes by 1.

        Args:
            steps: What its inputs then change by.
            count: The number of values of its result; infinite where that is not known.
        """
        if self.is_even:
            return steps[0].times(self.constant)
        norm = mul_up(self.constant, steps[0].norm)
        return Step(norm, norm, math.inf).within(count)

    def single(self, bound: float, single: float) -> float:
        """The constant of each value of its output by itself.

        Args:
            bound: The constant of its input.
            single: The constant of each value of its input by itself.
        """
        return mul_up(self.constant, bound)


class Unknown(Operation):
    """A map of which only the shape is known.

    Args:
        shape_of: From the shape of its input to that of its output.
    """

    constant = math.inf

    def __init__(self, shape_of: Callable[[Shape], Shape]) -> None:
        self._shape_of = shape_of

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """What was said."""
        return self._shape_of(shapes[0])


class Elementwise(Operation):
    """The base of maps whose constant also holds for the greatest norm, like those of each value by itself."""

    is_even = True

    def __init__(self, constant: float = 1.0) -> None:
        self.constant = constant

    def single(self, bound: float, single: float) -> float:
        """The constant times that of each value."""
        return mul_up(self.constant, single)


# Affine maps with weights: each with the norm that its layer promises for them.


class Dense(Operation):
    """x·W + b along the last axis: constant ‖W‖.

    Args:
        units: The number of outputs.
        norm: The norm that is promised for W.
        column: That of each column of W, where it is less.
        sums: What is promised for the sum of the magnitudes in each column of W, if anything.
        entries: What is promised for each entry of W, if anything.
    """

    def __init__(
        self,
        units: int,
        norm: float,
        column: float | None = None,
        *,
        sums: float = math.inf,
        entries: float = math.inf,
    ) -> None:
        self.units = units
        self.constant = norm
        self.column = norm if column is None else column
        self.sums, self.entries = sums, entries

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The last size becomes `units`."""
        if not shapes[0] or shapes[0][-1] is None:
            raise ShapeError(f"`{layer}` needs a fixed number of inputs", help="put a `Flatten` before it")
        return (*shapes[0][:-1], self.units)

    def single(self, bound: float, single: float) -> float:
        """The norm of a column times the constant of the input."""
        return mul_up(self.column, bound)

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """By the norm of a column, the sum of its magnitudes, or the largest of them."""
        [before] = steps
        each = min(
            mul_up(self.column, before.norm),
            mul_up(self.sums, before.each),
            mul_up(self.entries, before.total),
        )
        return Step(mul_up(self.constant, before.norm), each, math.inf).within(count)


class Convolution(Operation):
    """A convolution over a sequence or an image, and a bias: its constant is the norm of the operator.

    Args:
        filters: The number of output channels.
        kernel_size: The kernel's size along each axis.
        strides: The step along each axis.
        padding: `same`, `valid`, or `causal` for a sequence.
        dilation: The distance of the kernel's values along each axis.
        norm: The norm that is promised for the operator.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, ...],
        strides: tuple[int, ...],
        padding: str,
        dilation: tuple[int, ...],
        norm: float,
    ) -> None:
        self.filters = filters
        self.kernel_size, self.strides, self.dilation = kernel_size, strides, dilation
        # Causal padding adds as much as `same` does, all of it before the sequence.
        self.padding = "same" if padding == "causal" else padding
        self.constant = norm

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The sizes by stride, dilation and padding; the channels become `filters`."""
        if len(self.kernel_size) == 1:
            help = "use a smaller window, or `padding: same`"
            length, _ = _steps(shapes[0], layer, self, self.kernel_size[0], "kernel_size", help)
            return length, self.filters
        rows, columns, _ = window_shape(
            shapes[0],
            layer,
            _pair(self.kernel_size),
            _pair(self.strides),
            self.padding,
            "kernel_size",
            _pair(self.dilation),
        )
        return rows, columns, self.filters


class TransposedConvolution(Operation):
    """The adjoint of a convolution over images with the padding `same`, and a bias.

    Args:
        filters: The number of output channels.
        strides: How much larger height and width become.
        norm: The norm that is promised for the operator.
    """

    def __init__(self, filters: int, strides: tuple[int, int], norm: float) -> None:
        self.filters, self.strides = filters, strides
        self.constant = norm

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Height and width times the strides; the channels become `filters`."""
        height, width, _ = image(shapes[0], layer)
        rows, columns = self.strides
        return _times(height, rows), _times(width, columns), self.filters


class ResidualContraction(Operation):
    """x − B·relu(A·x + b) with a B that makes it 1-Lipschitz as a whole.

    Args:
        hidden: The number of rows of A, or of its output channels; that of the input where it is None.
        kernel_size: The size of A's kernel where A is a convolution.
    """

    def __init__(self, hidden: int | None, kernel_size: tuple[int, int] | None = None) -> None:
        self.hidden, self.kernel_size = hidden, kernel_size

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the input."""
        if self.kernel_size is None:
            channels_of(shapes[0], layer)
        else:
            image(shapes[0], layer)
        return shapes[0]


class Recurrence(Operation):
    """h_t = σ(U·h_{t−1} + W·x_t + b) with an orthogonal U and a σ of constant 1.

    Args:
        units: The size of the state.
        sequences: Whether all states are returned, or the last one.
        norm: The constant that is promised for all steps together.
    """

    def __init__(self, units: int, sequences: bool, norm: float) -> None:
        self.units, self.sequences = units, sequences
        self.constant = norm

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The size of the state, with the steps before it where all states are returned."""
        steps, _ = sequence(shapes[0], layer)
        return (steps, self.units) if self.sequences else (self.units,)


# Affine maps without weights whose norm matters.


class Input(Operation):
    """What a network reads.

    Args:
        shape: Its shape.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape as given."""
        return self._shape


class Identity(Elementwise):
    """The input as it is."""

    is_alike = True


class Scale(Elementwise):
    """A factor, or one for each channel, and an offset: of constant the greatest absolute value of a factor.

    Args:
        constant: The constant.
        is_alike: Whether there is one factor, and no offset.
    """

    def __init__(self, constant: float, is_alike: bool = True) -> None:
        super().__init__(constant)
        self.is_alike = is_alike


class _OfChannels(Operation):
    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the input, whose number of channels is fixed."""
        channels_of(shapes[0], layer)
        return shapes[0]


class Offset(_OfChannels):
    """A translation of each channel."""

    is_even = True


class PositionalOffset(Operation):
    """A factor, and a translation of each value.

    Args:
        constant: The constant: the factor's absolute value.
    """

    def __init__(self, constant: float) -> None:
        self.constant = constant

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the input, whose sizes are fixed."""
        if size_of(shapes[0]) is None:
            raise ShapeError(
                f"`{layer}` has a number for each value of a sample, and needs an input of fixed size",
                help="give `model.input` fixed sizes",
            )
        return shapes[0]


class Centering(_OfChannels):
    """x − the mean of x over its positions, channel by channel: a projection."""


class Flatten(Operation):
    """All values of a sample in one row."""

    is_even = True

    is_alike = True

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The product of all sizes."""
        size = size_of(shapes[0])
        if size is None:
            raise ShapeError(
                f"`{layer}` needs an input of fixed size",
                help="give `model.input` fixed sizes, or use a global pooling layer",
            )
        return (size,)


class Reshape(Operation):
    """The same values in another shape.

    Args:
        target: The new shape; one size may be -1.
    """

    is_even = True

    def __init__(self, target: Sequence[int]) -> None:
        self.target = target

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The target, its -1 filled in."""
        size = size_of(shapes[0])
        if size is None:
            raise ShapeError(f"`{layer}` needs an input of fixed size")
        target = list(self.target)
        free = [i for i, n in enumerate(target) if n == -1]
        if len(free) > 1 or any(n < 1 and n != -1 for n in target):
            raise ShapeError(
                "`target_shape` holds sizes of at least 1, of which one may be -1", field="target_shape"
            )
        known = math.prod(n for n in target if n != -1)
        if free and size % known == 0:
            target[free[0]] = size // known
            known = size
        if known != size:
            raise ShapeError(
                f"an input of {format_shape(shapes[0])} has {size} values, and `target_shape` holds "
                f"{'a multiple of ' if free else ''}{known}",
                field="target_shape",
                help="write sizes whose product that is; one of them may be -1, which is then filled in",
            )
        return tuple(target)


class Permute(Operation):
    """The axes of a sample in another order.

    Args:
        axes: The new order, counted from 1.
    """

    is_even = True

    def __init__(self, axes: Sequence[int]) -> None:
        self.axes = axes

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The sizes in the new order."""
        rank = len(shapes[0])
        if sorted(self.axes) != list(range(1, rank + 1)):
            raise ShapeError(
                f"an input of {format_shape(shapes[0])} has the dimensions 1 to {rank}, and `dims` must "
                "hold each of them once",
                field="dims",
            )
        return tuple(shapes[0][axis - 1] for axis in self.axes)


class ZeroPadding(Operation):
    """A sequence or an image with zeros around it.

    Args:
        ends: How many there are before and after, along each axis.
    """

    is_alike = True

    def __init__(self, *ends: Ends) -> None:
        self.ends = ends

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Greater sizes."""
        *sizes, channels = _spatial(shapes[0], layer, len(self.ends))
        return *(None if n is None else n + sum(ends) for n, ends in zip(sizes, self.ends)), channels


class Cropping(Operation):
    """A sequence or an image without some values at its edges: a projection.

    Args:
        ends: How many are cut off before and after, along each axis.
    """

    is_alike = True

    def __init__(self, *ends: Ends) -> None:
        self.ends = ends

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Lesser sizes."""
        *sizes, channels = _spatial(shapes[0], layer, len(self.ends))
        return *(_cropped(n, ends, shapes[0]) for n, ends in zip(sizes, self.ends)), channels


class SpaceToDepth(Operation):
    """A permutation that moves each window of pixels into channels.

    Args:
        window: Height and width of the windows.
    """

    def __init__(self, window: tuple[int, int]) -> None:
        self.window = window

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Height and width divided by the window's, the channels multiplied by both."""
        height, width, channels = image(shapes[0], layer)
        rows, columns = self.window
        if (height is not None and height % rows) or (width is not None and width % columns):
            raise ShapeError(
                f"windows of {rows}×{columns} do not divide an input of {format_shape(shapes[0])}",
                field="pool_size",
                help="use a window that divides the input, or a `ZeroPadding2D` before it",
            )
        return (
            None if height is None else height // rows,
            None if width is None else width // columns,
            channels * rows * columns,
        )


class DepthToSpace(Operation):
    """A permutation that moves groups of channels into windows of pixels.

    Args:
        window: Height and width of the windows.
    """

    def __init__(self, window: tuple[int, int]) -> None:
        self.window = window

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Height and width times the window's, the channels divided by both."""
        height, width, channels = image(shapes[0], layer)
        rows, columns = self.window
        if channels % (rows * columns):
            raise ShapeError(
                f"the {channels} channels of an input of {format_shape(shapes[0])} do not make windows of "
                f"{rows}×{columns}",
                field="pool_size",
                help=f"give the layer before it a multiple of {rows * columns} filters",
            )
        return _times(height, rows), _times(width, columns), channels // (rows * columns)


class Shift(Operation):
    """Groups of the channels of an image moved by one pixel, each in a direction of its own."""

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the input, of at least two rows and two columns."""
        height, width, _ = image(shapes[0], layer)
        if 1 in (height, width):
            raise ShapeError(f"`{layer}` moves by one pixel, and its input is {format_shape(shapes[0])}")
        return shapes[0]


# Poolings.


class MaxPooling(Operation):
    """The greatest value of each window: constant √∏⌈pool/stride⌉, the number of windows that a value can be in.

    Args:
        pool: The window's size along each axis.
        strides: Its step along each axis.
        padding: `same` or `valid`.
    """

    def __init__(self, pool: tuple[int, ...], strides: tuple[int, ...], padding: str) -> None:
        self.pool, self.strides, self.padding = pool, strides, padding
        self.dilation = (1,) * len(pool)
        self.constant = root_up(math.prod(-(-size // step) for size, step in zip(pool, strides)))

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The sizes by stride and padding."""
        if len(self.pool) == 1:
            help = "use a smaller window, fewer pooling layers before it, or `padding: same`"
            return _steps(shapes[0], layer, self, self.pool[0], "pool_size", help)
        pool, strides = _pair(self.pool), _pair(self.strides)
        return window_shape(shapes[0], layer, pool, strides, self.padding, "pool_size")


class _DisjointPooling(Operation):
    def __init__(self, pool: tuple[int, int]) -> None:
        self.pool = pool

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Height and width divided by the window's."""
        return window_shape(shapes[0], layer, self.pool, self.pool, "valid", "pool_size")


class AveragePooling(_DisjointPooling):
    """Σx/√n over disjoint windows of n values: the mean times √n.

    Args:
        pool: Height and width of the window.
    """

    is_alike = True


class NormPooling(_DisjointPooling):
    """√(Σx² + ε) over disjoint windows.

    Args:
        pool: Height and width of the window.
    """


class _GlobalPooling(Operation):
    def __init__(self, keepdims: bool, axes: int = 2) -> None:
        self.keepdims, self.axes = keepdims, axes

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """One value a channel."""
        channels = _spatial(shapes[0], layer, self.axes)[-1]
        return (*(1,) * self.axes, channels) if self.keepdims else (channels,)


class GlobalMaxPooling(_GlobalPooling):
    """The greatest value of each channel.

    Args:
        keepdims: Whether the output keeps axes of size 1.
        axes: 1 for sequences, 2 for images.
    """


class GlobalAveragePooling(_GlobalPooling):
    """Σx/√n over the n values of each channel: the mean times √n."""

    is_alike = True


class GlobalNormPooling(_GlobalPooling):
    """√(Σx² + ε) over each channel."""


# Functions of values, and of groups of channels.


class Activation(Elementwise):
    """A function of each value, or softmax, whose constant ½ holds for the greatest norm as well."""


class PReLU(Operation):
    """max(x, 0) + a·min(x, 0) with slopes a in [−1, 1]."""

    is_even = True


class Softmax(Elementwise):
    """exp(x) over the sum of exp(x) along an axis: constant ½.

    Args:
        axis: The axis, the batch being 0.
    """

    def __init__(self, axis: int) -> None:
        super().__init__(0.5)
        self.axis = axis

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the input."""
        rank = len(shapes[0])
        if self.axis == 0 or not -rank <= self.axis <= rank:
            raise ShapeError(_no_axis(shapes[0], self.axis), field="axis")
        return shapes[0]


class GroupSort(_OfChannels):
    """Groups of n channels sorted.

    Args:
        n: The size of the groups, which divides the channels.
    """

    is_even = True

    def __init__(self, n: int) -> None:
        self.n = n


class Sort(_OfChannels):
    """All channels sorted."""

    is_even = True


class Householder(_OfChannels):
    """Pairs of channels beyond a line reflected at it."""


class BetaAbs(_OfChannels):
    """|x| on some of the channels."""


class MaxMin(Operation):
    """[max(x, 0), max(−x, 0)]."""

    is_even = True

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """Twice the channels."""
        return (*shapes[0][:-1], 2 * channels_of(shapes[0], layer))


# Of several inputs. Their constants are with respect to the network's input, on which all of them depend.


class Merge(Operation):
    """The base of what makes one value of several of one shape."""

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The one shape that all inputs have."""
        if len(shapes) < 2:
            raise ShapeError(
                f"`{layer}` merges at least two inputs, and this one reads {len(shapes)}",
                help=f"name them: `{layer}: {{inputs: [a, b]}}`",
            )
        if any(shape != shapes[0] for shape in shapes):
            found = " and ".join(format_shape(shape) for shape in dict.fromkeys(shapes))
            raise ShapeError(
                f"`{layer}` takes inputs of one shape, and these have {found}",
                help="make the branches end in equal shapes",
            )
        return shapes[0]

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """No value changes by more than the greatest change of an input's; both sums add up."""
        return Step(
            norm_up(step.norm for step in steps),
            max(step.each for step in steps),
            sum_up(step.total for step in steps),
        ).within(count)


class Add(Merge):
    """The sum: constant ΣΛ."""

    def bound(self, bounds: Sequence[float]) -> float:
        """ΣΛ."""
        return sum_up(bounds)

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """The changes add up."""
        return Step(*(sum_up(bounds) for bounds in zip(*steps))).within(count)


class Subtract(Add):
    """The first of two inputs minus the second: constant Λ₁ + Λ₂."""

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The one shape that both inputs have."""
        if len(shapes) > 2:
            raise ShapeError(
                f"`{layer}` takes two inputs, and this one reads {len(shapes)}",
                field="inputs",
                help=f"name two: `{layer}: {{inputs: [a, b]}}`",
            )
        return super().shape(shapes, layer)


class Average(Merge):
    """The mean: constant ΣΛ/n."""

    def bound(self, bounds: Sequence[float]) -> float:
        """ΣΛ/n."""
        return mean_up(bounds)

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """The mean of the changes."""
        return Step(*(mean_up(bounds) for bounds in zip(*steps))).within(count)


class ConvexCombination(Merge):
    """a·x + (1 − a)·y with an a in [0, 1]: constant max(Λ₁, Λ₂), whatever a is."""

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The one shape that both inputs have."""
        if len(shapes) != 2:
            raise ShapeError(
                f"`{layer}` mixes two inputs, and this one reads {len(shapes)}",
                help=f"name them: `{layer}: {{inputs: [a, b]}}`",
            )
        return super().shape(shapes, layer)

    def bound(self, bounds: Sequence[float]) -> float:
        """The greatest of Λ₁ and Λ₂."""
        return max(bounds)

    def step(self, steps: Sequence[Step], count: float) -> Step:
        """Between the changes of the two."""
        return Step(*(max(bounds) for bounds in zip(*steps))).within(count)


class Maximum(Merge):
    """The greatest, value by value: constant √ΣΛ²."""

    def bound(self, bounds: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(bounds)


class Minimum(Maximum):
    """The least, value by value: constant √ΣΛ²."""


class Concatenate(Merge):
    """The inputs side by side: constant √ΣΛ².

    Args:
        axis: The axis along which they are joined, the batch being 0.
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def shape(self, shapes: Sequence[Shape], layer: str) -> Shape:
        """The shape of the inputs, their sizes along the axis added."""
        if len(shapes) < 2:
            super().shape(shapes, layer)
        first, rank = shapes[0], len(shapes[0])
        axis = self.axis - 1 if self.axis > 0 else self.axis + rank
        if self.axis == 0 or not 0 <= axis < rank:
            raise ShapeError(_no_axis(first, self.axis), field="axis")
        before, after = first[:axis], first[axis + 1 :]
        if any(len(s) != rank or s[:axis] != before or s[axis + 1 :] != after for s in shapes):
            found = " and ".join(format_shape(shape) for shape in dict.fromkeys(shapes))
            raise ShapeError(
                f"`{layer}` takes inputs that differ along its axis alone, and these have {found}"
            )
        sizes = [shape[axis] for shape in shapes]
        joined = None if None in sizes else sum(size for size in sizes if size is not None)
        return (*before, joined, *after)

    def bound(self, bounds: Sequence[float]) -> float:
        """√ΣΛ²."""
        return norm_up(bounds)


def _pair(sizes: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = sizes
    return rows, columns


def _times(size: int | None, factor: int) -> int | None:
    return None if size is None else size * factor


def _spatial(shape: Shape, layer: str, axes: int) -> Shape:
    """The shape of a sequence or of an image, whose number of channels is fixed."""
    return sequence(shape, layer) if axes == 1 else image(shape, layer)


def _steps(
    shape: Shape, layer: str, operation: Convolution | MaxPooling, window: int, field: str, help: str
) -> tuple[int | None, int]:
    """The steps of a sequence after a window was slid over it, and the channels before it."""
    steps, channels = sequence(shape, layer)
    (stride,), (dilation,) = operation.strides, operation.dilation
    length = windows(steps, window, stride, operation.padding, dilation)
    if length == 0:
        message = f"a window of {window} does not fit into an input of {format_shape(shape)}"
        raise ShapeError(message, field=field, help=help)
    return length, channels


def _cropped(size: int | None, ends: Ends, shape: Shape) -> int | None:
    """A size without what is cut off at its two ends."""
    if size is None:
        return None
    if sum(ends) >= size:
        raise ShapeError(
            f"cutting {ends[0]} and {ends[1]} off a size of {size} leaves nothing of an input of "
            f"{format_shape(shape)}",
            field="cropping",
            help="cut off less",
        )
    return size - sum(ends)


def _no_axis(shape: Shape, axis: int) -> str:
    return (
        f"an input of {format_shape(shape)} has the axes 1 to {len(shape)} (or -1 to -{len(shape)}), the batch "
        f"being 0, and not {axis}"
    )
