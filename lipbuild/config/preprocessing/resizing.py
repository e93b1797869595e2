from collections.abc import Sequence

from pydantic import Field

from lipbuild.config.preprocessing.fixed_image import fixed_image
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.config.preprocessing.resize_axis import Interpolation, ResizeAxis
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Size
from lipbuild.network.specs.layer import LayerSpec
from lipbuild.network.specs.shaping import Permute


class Resizing(PreprocessSpec):
    """An image of another size, as Keras's `Resizing` makes it: a matrix along each axis, whose norm counts."""

    height: Size = Field(description="The new height.")
    width: Size = Field(description="The new width.")
    interpolation: Interpolation = Field("bilinear", description="How new pixels are made of old ones.")
    antialias: bool = Field(
        False, description="Whether a smaller image averages over all pixels, for `bilinear`."
    )

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """Two fixed matrix products, each along the last axis, with the axes put in order around them."""
        height, width = fixed_image(shape, self.kind)
        along_height = self._axis(height, self.height)
        along_width = self._axis(width, self.width)
        return [
            Permute(dims=[3, 2, 1]),  # channels, width, height
            along_height,
            Permute(dims=[1, 3, 2]),  # channels, height, width
            along_width,
            Permute(dims=[2, 3, 1]),
        ]

    def _axis(self, before: int, after: int) -> ResizeAxis:
        return ResizeAxis(
            before=before, after=after, interpolation=self.interpolation, antialias=self.antialias
        )
