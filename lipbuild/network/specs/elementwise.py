from __future__ import annotations

from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import LayerSpec


class ElementwiseSpec(LayerSpec):
    """The base of the layers that keep the shape of their input and have no coefficient."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape
