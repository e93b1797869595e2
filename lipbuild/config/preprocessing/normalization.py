import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.common import Axis, Values, as_tuple, check_count
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.config.preprocessing.unknown_factor import UnknownFactor
from lipbuild.fields.misfit import redundant
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.layer import LayerSpec

_Variance = Annotated[float, Field(ge=0, le=1e30)]


class Normalization(PreprocessSpec):
    """(x − mean)/max(std, least_std), std the root of the variance: constant 1/min max(std, least_std).

    Mean and variance are those of the training part where they are left out. The constant is then 1/least_std
    before anything has been read, and what was fitted can only lower it.
    """

    axis: Axis = Field(
        -1, description="-1: statistics of each value of the last axis; nothing: of all values together."
    )
    mean: Values | None = Field(
        None, description="The mean, or one for each value. Default: that of the training part."
    )
    variance: _Variance | list[_Variance] | None = Field(
        None, description="The variance, or one for each value. Default: that of the training part."
    )
    least_std: float | None = Field(
        None,
        ge=1e-6,
        le=1e6,
        description="The smallest divisor: a value with a smaller deviation is divided by this. Needed without "
        "`variance`; "
        "`lipbuild data` shows the deviations.",
    )

    @model_validator(mode="after")
    def _both_or_neither(self) -> "Normalization":
        if (self.mean is None) != (self.variance is None):
            given, missing = ("mean", "variance") if self.variance is None else ("variance", "mean")
            message = f"`Normalization` with a `{given}` needs a `{missing}` as well"
            raise redundant(message, given, help=f"add `{missing}: …`")
        return self

    @property
    def is_fitted(self) -> bool:
        """Whether mean and variance are there."""
        return self.variance is not None

    @property
    def is_bounded(self) -> bool:
        """Whether there is a variance or a least deviation."""
        return self.is_fitted or self.least_std is not None

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """One layer; one without a known constant where nothing bounds it."""
        if self.mean is None or self.variance is None:
            return [UnknownFactor(at_most=None if self.least_std is None else 1.0 / self.least_std)]
        check_count(self.mean, shape, self.kind, "mean")
        check_count(self.variance, shape, self.kind, "variance")
        deviations = [max(math.sqrt(v), self.least_std or 0.0) for v in as_tuple(self.variance)]
        if min(deviations) < 1e-30:
            raise ShapeError(
                "a variance is 0, and nothing can be divided by it",
                field="variance",
                help="give `least_std`, the least deviation that is divided by",
                rule="out-of-range-values",
            )
        means = as_tuple(self.mean)
        factors = tuple(1.0 / deviation for deviation in deviations)
        count = max(len(means), len(factors))
        offsets = tuple(-means[i % len(means)] * factors[i % len(factors)] for i in range(count))
        return [Affine(factors=factors, offsets=offsets)]
