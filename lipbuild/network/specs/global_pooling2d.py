from pydantic import Field

from lipbuild.network.shapes import Shape, image
from lipbuild.network.specs.layer import LayerSpec


class GlobalPooling2DSpec(LayerSpec):
    """The base of the poolings over a whole image."""

    keepdims: bool = Field(False, description="Whether the output keeps a height and a width of 1.")

    def output_shape(self, shape: Shape) -> Shape:
        """One value a channel."""
        _, _, channels = image(shape, self.kind)
        return (1, 1, channels) if self.keepdims else (channels,)
