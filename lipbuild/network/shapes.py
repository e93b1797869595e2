"""Shapes of one sample: a tuple of sizes without the batch, None where a size is not fixed."""

from __future__ import annotations

Shape = tuple[int | None, ...]


class ShapeError(Exception):
    """A layer cannot take the shape that it is given.

    Attributes:
        message: Why: lower case, no full stop.
        field: The key of the layer that is at fault, or None for the layer as a whole.
        help: What to do.
        rule: The rule that is broken.
    """

    def __init__(
        self, message: str, *, field: str | None = None, help: str = "", rule: str = "shape-mismatches"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.help = help
        self.rule = rule


def known_shape(shape: Shape) -> tuple[int, ...]:
    """The shape, all of whose sizes have to be fixed.

    Raises:
        ShapeError: One is not.
    """
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) < len(shape):
        raise ShapeError(f"the shape {format_shape(shape)} has sizes that are not known")
    return sizes


def format_shape(shape: Shape) -> str:
    """A shape as text: `8×8×1`."""
    return "×".join("?" if size is None else str(size) for size in shape) if shape else "scalar"


def size_of(shape: Shape) -> int | None:
    """The number of values of one sample, or None where it is not fixed."""
    product = 1
    for size in shape:
        if size is None:
            return None
        product *= size
    return product


def image(shape: Shape, layer: str) -> tuple[int | None, int | None, int]:
    """Height, width and channels of an image.

    Raises:
        ShapeError: The shape is not that of an image with a fixed number of channels.
    """
    if len(shape) != 3:
        raise ShapeError(
            f"`{layer}` takes images (height × width × channels), and this one gets {format_shape(shape)}",
            help="put a `Reshape` before it, or use a layer for vectors",
        )
    height, width, channels = shape
    if channels is None:
        raise ShapeError(f"`{layer}` needs a fixed number of channels")
    return height, width, channels


def sequence(shape: Shape, layer: str) -> tuple[int | None, int]:
    """Steps and channels of a sequence.

    Raises:
        ShapeError: The shape is not that of a sequence with a fixed number of channels.
    """
    if len(shape) != 2:
        raise ShapeError(
            f"`{layer}` takes sequences (steps × channels), and this one gets {format_shape(shape)}",
            help="put a `Reshape` before it, or use a layer for images or vectors",
        )
    steps, channels = shape
    if channels is None:
        raise ShapeError(f"`{layer}` needs a fixed number of channels")
    return steps, channels


def channels_of(shape: Shape, layer: str) -> int:
    """The last size of a shape.

    Raises:
        ShapeError: There is none, or it is not fixed.
    """
    if not shape or shape[-1] is None:
        raise ShapeError(f"`{layer}` needs a fixed number of channels")
    return shape[-1]


def windows(size: int | None, window: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    """How many windows fit along one dimension, as Keras counts them; 0 where none does."""
    if size is None:
        return None
    if padding == "same":
        return -(-size // stride)
    span = (window - 1) * dilation + 1
    return 0 if size < span else (size - span) // stride + 1


def window_shape(
    shape: Shape,
    layer: str,
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    field: str,
    dilation: tuple[int, int] = (1, 1),
) -> tuple[int | None, int | None, int]:
    """Height and width after sliding a window, and the channels before it.

    Raises:
        ShapeError: No window fits.
    """
    height, width, channels = image(shape, layer)
    rows = windows(height, window[0], strides[0], padding, dilation[0])
    columns = windows(width, window[1], strides[1], padding, dilation[1])
    if rows == 0 or columns == 0:
        raise ShapeError(
            f"a window of {window[0]}×{window[1]} does not fit into an input of {format_shape(shape)}",
            field=field,
            help="use a smaller window, fewer pooling layers before it, or `padding: same`",
        )
    return rows, columns, channels
