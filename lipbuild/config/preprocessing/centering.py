from collections.abc import Sequence

from pydantic import Field

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.common import Axis, Values, as_tuple, check_count
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.config.preprocessing.unknown_factor import UnknownFactor
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import LayerSpec


class Centering(PreprocessSpec):
    """x − mean: a translation, constant 1."""

    axis: Axis = Field(
        -1, description="-1: a mean for each value of the last axis; nothing: one for all values together."
    )
    mean: Values | None = Field(
        None, description="The mean, or one for each value. Default: that of the training part."
    )

    @property
    def is_fitted(self) -> bool:
        """Whether the mean is there."""
        return self.mean is not None

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """One layer. Whatever the mean is, its constant is 1."""
        if self.mean is None:
            return [UnknownFactor(at_most=1.0)]
        check_count(self.mean, shape, self.kind, "mean")
        return [Affine(factors=(1.0,), offsets=tuple(-value for value in as_tuple(self.mean)))]
