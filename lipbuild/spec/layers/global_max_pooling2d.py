from __future__ import annotations

from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.shapes import Shape, image


class GlobalMaxPooling2D(LayerSpec):
    """The greatest value of each channel: constant 1."""

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        return (image(shape, self.kind)[2],)

    def gain(self, shape: Shape) -> float:
        """1."""
        return 1.0
