from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError, format_shape
from lipbuild.network.specs.elementwise import ElementwiseSpec
from lipbuild.network.specs.facts import Facts


class Softmax(ElementwiseSpec):
    """exp(x) over the sum of exp(x) along an axis: constant ½."""

    facts: ClassVar[Facts] = Facts(
        constant="½",
        exact=True,
        gradient="shrinks",
    )

    axis: int = Field(-1, description="The dimension along which the outputs sum to 1, the batch being 0.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        rank = len(shape)
        if self.axis == 0 or not -rank <= self.axis <= rank:
            raise ShapeError(
                f"an input of {format_shape(shape)} has the axes 1 to {rank} (or -1 to -{rank}), the batch "
                f"being 0, and not {self.axis}",
                field="axis",
            )
        return shape

    def gain(self, shape: Shape) -> float:
        """½."""
        return 0.5
