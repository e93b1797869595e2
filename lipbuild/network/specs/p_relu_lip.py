from typing import Annotated, ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, format_shape, size_of
from lipbuild.network.specs.common import BiasInitializer
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.scaled import ScaledSpec

_Axis = Annotated[int, Field(ge=1, le=10)]


class PReLUlip(ScaledSpec):
    """k·(max(x, 0) + a·min(x, 0)) with learned slopes a, held in [−1, 1]: constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="shrinks",
        cost="a product a value",
        replaces="PReLU",
        paper="He et al. 2015",
    )

    alpha_initializer: BiasInitializer = Field(
        "zeros", description="What the slopes start from, before they are clipped to [−1, 1]."
    )
    shared_axes: list[_Axis] | None = Field(
        None, description="The dimensions along which slopes are shared, the batch being 0; none if left out."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        self._slopes(shape)
        return shape

    def parameters(self, shape: Shape) -> int:
        """A slope for each value of a sample along the dimensions that are not shared."""
        return self._slopes(shape)

    def _slopes(self, shape: Shape) -> int:
        axes = self.shared_axes or []
        if any(axis > len(shape) for axis in axes):
            raise ShapeError(
                f"an input of {format_shape(shape)} has the axes 1 to {len(shape)}, the batch being 0, and "
                f"not {max(axes)}",
                field="shared_axes",
            )
        number = size_of(tuple(1 if axis in axes else size for axis, size in enumerate(shape, 1)))
        if number is None:
            raise ShapeError(
                "`PReLUlip` has a slope for each value, so the sizes that are not shared must be fixed",
                field="shared_axes",
                help="share them: `shared_axes: [1, 2]` has one slope a channel of an image",
            )
        return number
