from __future__ import annotations

from lipbuild.network.shapes import Shape, ShapeError, format_shape, image


def fixed_image(shape: Shape, kind: str) -> tuple[int, int]:
    """Height and width of an image whose size is fixed.

    Raises:
        ShapeError: It is not an image, or its size is not fixed.
    """
    height, width, _ = image(shape, kind)
    if height is None or width is None:
        raise ShapeError(f"`{kind}` needs images of a fixed size, and these are {format_shape(shape)}")
    return height, width
