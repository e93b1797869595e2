"""The poolings by the mean and by the norm, scaled so that their constant is k."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape, ShapeError, image
from lipbuild.network.specs.coefficients import ScaledSpec
from lipbuild.network.specs.common import Padding, SizePair
from lipbuild.network.specs.layer import Facts


class DisjointPooling2DSpec(ScaledSpec):
    """The base of the scaled poolings over windows that do not overlap."""

    pool_size: SizePair = Field((2, 2), description="Height and width of the window: one number, or two.")
    strides: SizePair | None = Field(None, description="Must equal `pool_size`, which is the default.")
    padding: Padding = Field(
        "valid", description="`same` only if the windows divide the input, so that nothing is padded."
    )

    def check(self, shape: Shape) -> None:
        """Let through windows that are disjoint and hold no padding.

        Raises:
            ShapeError: They are not, or they do.
        """
        pool = self.pool_size
        if self.strides is not None and self.strides != pool:
            raise ShapeError(
                f"`{self.kind}` takes disjoint windows, so `strides` equals `pool_size`",
                field="strides",
                help=f"remove `strides`, or write `strides: [{pool[0]}, {pool[1]}]`",
                rule="overlapping-average-pooling",
            )
        height, width, _ = image(shape, self.kind)
        divides = height is not None and width is not None and height % pool[0] == width % pool[1] == 0
        if self.padding == "same" and not divides:
            # TensorFlow's average leaves the padding out of its divisor: a border window of m values has
            # norm 1/√m, more than the 1/√(ph·pw) that the scale makes up for.
            raise ShapeError(
                "with `padding: same` the windows must divide the input: a padded window averages fewer values",
                field="padding",
                help="use `padding: valid`, or a window that divides the input",
                rule="overlapping-average-pooling",
            )

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; where nothing is padded, `same` is `valid`."""
        return {**super().arguments(), "strides": None, "padding": "valid"}


class ScaledAveragePooling2D(DisjointPooling2DSpec):
    """Average pooling over disjoint windows times k·√(ph·pw), which makes its constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a factor",
        keras="AveragePooling2D",
        shared=("pool_size", "strides", "padding"),
        paper="Serrurier et al. 2021",
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The scaled mean, times k."""
        self.check(shapes[0])
        return ops.AveragePooling(self.pool_size), self.scale()


class ScaledL2NormPooling2D(DisjointPooling2DSpec):
    """k·√(Σx² + ph·pw·ε) over disjoint windows: constant k, and the gradient keeps its norm but for ε."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="squares and a root",
        keras="AveragePooling2D",
        shared=("pool_size", "strides", "padding"),
        in_place_of="MaxPooling2D, AveragePooling2D",
        paper="Boureau, Ponce & LeCun 2010",
    )

    eps_grad_sqrt: float = Field(
        1e-6, ge=0, description="ε: keeps the gradient of the square root finite if a window is all zero."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The norm, times k."""
        self.check(shapes[0])
        return ops.NormPooling(self.pool_size), self.scale()


class ScaledGlobalPooling2DSpec(ScaledSpec):
    """The base of the scaled poolings over a whole image."""

    keepdims: bool = Field(False, description="Whether the output keeps a height and a width of 1.")


class ScaledGlobalAveragePooling2D(ScaledGlobalPooling2DSpec):
    """The mean over an image times k·√(h·w), which makes its constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a factor",
        keras="GlobalAveragePooling2D",
        paper="Serrurier et al. 2021",
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The scaled mean, times k."""
        height, width, _ = image(shapes[0], self.kind)
        if height is None or width is None:
            raise ShapeError(
                "`ScaledGlobalAveragePooling2D` needs a fixed height and width: its scale is √(h·w)",
                help="give `model.input` fixed sizes, or use `GlobalMaxPooling2D`",
            )
        return ops.GlobalAveragePooling(self.keepdims), self.scale()


class ScaledGlobalL2NormPooling2D(ScaledGlobalPooling2DSpec):
    """k·√(Σx² + ε) over each channel's image: constant k, and the gradient keeps its norm but for ε."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="squares and a root",
        keras="GlobalAveragePooling2D",
        in_place_of="GlobalMaxPooling2D, GlobalAveragePooling2D",
        paper="Boureau, Ponce & LeCun 2010",
    )

    eps_grad_sqrt: float = Field(
        1e-6, ge=0, description="ε: keeps the gradient of the square root finite if an image is all zero."
    )

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """The norm, times k."""
        return ops.GlobalNormPooling(self.keepdims), self.scale()
