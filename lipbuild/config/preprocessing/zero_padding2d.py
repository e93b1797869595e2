from collections.abc import Sequence

from pydantic import Field

from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.network.shapes import Shape
from lipbuild.network.specs import padding as layers
from lipbuild.network.specs.common import Edges
from lipbuild.network.specs.layer import LayerSpec


class ZeroPadding2D(PreprocessSpec):
    """An image with zeros around it: an isometry, constant 1."""

    padding: Edges = Field(
        ((1, 1), (1, 1)),
        description="How many pixels are added: one number, or `[height, width]`, each a number or a pair.",
    )

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """The layer of this name."""
        (top, bottom), (left, right) = self.padding
        return [layers.ZeroPadding2D.model_validate({"padding": [[top, bottom], [left, right]]})]
