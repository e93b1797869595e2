"""What convolutions ask of their groups and steps."""

from __future__ import annotations

from lipbuild.network.shapes import ShapeError


def check_groups(layer: str, groups: int, channels: int, filters: int) -> None:
    """Let through groups that divide the channels on both sides.

    Raises:
        ShapeError: They do not.
    """
    for what, number in (("input channels", channels), ("filters", filters)):
        if number % groups:
            raise ShapeError(
                f"the {groups} groups of `{layer}` must divide its {number} {what}",
                field="groups",
                help=f"use a divisor of {channels} and {filters}",
            )


def check_steps(layer: str, strides: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    """Let through a stride or a dilation, not both: TensorFlow has no such convolution.

    Raises:
        ShapeError: Both differ from 1.
    """
    if max(strides) > 1 and max(dilation) > 1:
        raise ShapeError(
            f"`{layer}` takes `strides` or `dilation_rate`, and here both differ from 1",
            field="dilation_rate",
            help="remove one of them",
        )
