from typing import Any, ClassVar

from pydantic import Field

from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class Rescaling(LayerSpec):
    """x·scale + offset: constant |scale|."""

    facts: ClassVar[Facts] = Facts(
        constant="|scale|",
        exact=True,
        gradient="kept",
    )

    scale: float = Field(ge=-1e6, le=1e6, description="The factor.")
    offset: float = Field(0.0, description="What is added afterwards.")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape

    def gain(self, shape: Shape) -> float:
        """|scale|."""
        return float32_down(abs(self.scale))

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them; the scale rounded towards zero to a float32."""
        scale = float32_down(abs(self.scale))
        return {"scale": scale if self.scale >= 0 else -scale, "offset": self.offset}
