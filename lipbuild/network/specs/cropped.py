from __future__ import annotations

from lipbuild.network.shapes import Shape, ShapeError, format_shape


def cropped(size: int | None, ends: tuple[int, int], shape: Shape) -> int | None:
    """A size without what is cut off at its two ends.

    Raises:
        ShapeError: Nothing is left of it.
    """
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
