from collections.abc import Sequence

from pydantic import Field

from lipbuild.config.preprocessing.fixed_image import fixed_image
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.common import Size
from lipbuild.network.specs.layer import LayerSpec
from lipbuild.network.specs.padding import Cropping2D


class CenterCrop(PreprocessSpec):
    """The middle of an image: a projection, constant 1."""

    height: Size = Field(description="The height that is kept.")
    width: Size = Field(description="The width that is kept.")

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """A cropping."""
        height, width = fixed_image(shape, self.kind)
        if self.height > height or self.width > width:
            raise ShapeError(
                f"`CenterCrop` to {self.height}×{self.width} of an image of {height}×{width}",
                help="crop to less, or enlarge it before with `Resizing` or `ZeroPadding2D`",
            )
        return [
            Cropping2D.model_validate({"cropping": [_ends(height - self.height), _ends(width - self.width)]})
        ]


def _ends(cut: int) -> list[int]:
    return [cut // 2, cut - cut // 2]
