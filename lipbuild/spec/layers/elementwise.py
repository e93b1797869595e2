from __future__ import annotations

from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.shapes import Shape


class ElementwiseSpec(LayerSpec):
    """The base of the layers that keep the shape of their input and have no coefficient."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape
