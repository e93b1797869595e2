"""Fields and errors that several steps share."""

from typing import Annotated, Literal

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, channels_of, format_shape

Value = Annotated[float, Field(ge=-1e30, le=1e30)]
Values = Value | list[Value]
# Statistics are taken for each value of the last axis, or for all values together.
Axis = Literal[-1] | None


def as_tuple(values: Values) -> tuple[float, ...]:
    """One number, or several."""
    return tuple(values) if isinstance(values, list) else (values,)


def check_count(values: Values, shape: Shape, kind: str, field: str) -> None:
    """Let values through of which there is one, or one for each value of a shape's last axis.

    Raises:
        ShapeError: There are as many as fit nothing.
    """
    if not isinstance(values, list):
        return
    channels = channels_of(shape, kind)
    if len(values) not in (1, channels):
        raise ShapeError(
            f"`{field}` of `{kind}` has {len(values)} numbers, and the last axis of {format_shape(shape)} "
            f"has {channels}",
            field=field,
        )
