from typing import ClassVar

from pydantic import Field

from lipbuild.network.shapes import Shape, sequence
from lipbuild.network.specs.common import Ends
from lipbuild.network.specs.facts import Facts
from lipbuild.network.specs.layer import LayerSpec


class ZeroPadding1D(LayerSpec):
    """A sequence with zeros before and after it: an isometry, constant 1."""

    facts: ClassVar[Facts] = Facts(
        constant="1",
        exact=True,
        gradient="kept",
    )

    padding: Ends = Field((1, 1), description="How many steps are added: one number for both ends, or two.")

    def output_shape(self, shape: Shape) -> Shape:
        """More steps."""
        steps, channels = sequence(shape, self.kind)
        return None if steps is None else steps + sum(self.padding), channels

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
