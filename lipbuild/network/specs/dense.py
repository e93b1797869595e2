from pydantic import Field

from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.common import Units
from lipbuild.network.specs.constrained import ConstrainedSpec


class DenseSpec(ConstrainedSpec):
    """The base of the layers that multiply the last dimension by a kernel."""

    units: Units = Field(description="The number of outputs.")

    def output_shape(self, shape: Shape) -> Shape:
        """The last dimension becomes `units`."""
        self._width(shape)
        return (*shape[:-1], self.units)

    def parameters(self, shape: Shape) -> int:
        """Width · units, and a bias."""
        return self._width(shape) * self.units + (self.units if self.use_bias else 0)

    def _width(self, shape: Shape) -> int:
        if not shape or shape[-1] is None:
            raise ShapeError(
                f"`{self.kind}` needs a fixed number of inputs", help="put a `Flatten` before it"
            )
        return shape[-1]
