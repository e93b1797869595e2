from collections.abc import Sequence

from pydantic import Field

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.common import Values, as_tuple, check_count
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import LayerSpec


class Rescaling(PreprocessSpec):
    """x·scale + offset: constant max|scale|."""

    scale: Values = Field(description="The factor, or one for each value of the last axis.")
    offset: Values = Field(0.0, description="What is added afterwards: one number, or one for each value.")

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """One layer."""
        check_count(self.scale, shape, self.kind, "scale")
        check_count(self.offset, shape, self.kind, "offset")
        return [Affine(factors=as_tuple(self.scale), offsets=as_tuple(self.offset))]
