from collections.abc import Sequence

from pydantic import Field

from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.preprocessing.affine import Affine
from lipbuild.spec.preprocessing.common import Values, as_tuple, check_count
from lipbuild.spec.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.spec.shapes import Shape


class Rescaling(PreprocessSpec):
    """x·scale + offset: constant max|scale|."""

    scale: Values = Field(description="The factor, or one for each value of the last axis.")
    offset: Values = Field(0.0, description="What is added afterwards: one number, or one for each value.")

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """One layer."""
        check_count(self.scale, shape, self.kind, "scale")
        check_count(self.offset, shape, self.kind, "offset")
        return [Affine(factors=as_tuple(self.scale), offsets=as_tuple(self.offset))]
