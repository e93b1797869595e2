from collections.abc import Sequence

from pydantic import Field, model_validator

from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.common import Value
from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.fields.misfit import misfit
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.activations import ReLU
from lipbuild.network.specs.layer import LayerSpec


class Clip(PreprocessSpec):
    """min(max(x, min), max): constant 1."""

    min: Value | None = Field(None, description="The smallest value. Default: no limit.")
    max: Value | None = Field(None, description="The largest value. Default: no limit.")

    @model_validator(mode="after")
    def _bounds(self) -> "Clip":
        if self.min is None and self.max is None:
            raise ValueError("`Clip` needs a `min`, a `max` or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            message = f"`min` must be below `max`, and {self.min:g} is not below {self.max:g}"
            raise misfit(message, "min", "max")
        return self

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """Reflections and ReLUs: min + ReLU(x − min), and max − ReLU(max − x), which is 1-Lipschitz throughout."""
        layers: list[LayerSpec] = []
        if self.min is not None:
            layers += [*_affine(1.0, -self.min), ReLU()]
        if self.max is None:
            return [*layers, *_affine(1.0, self.min or 0.0)]
        # After a floor the values are x − min.
        layers += [*_affine(-1.0, self.max - (self.min or 0.0)), ReLU()]
        return [*layers, *_affine(-1.0, self.max)]


def _affine(factor: float, offset: float) -> list[LayerSpec]:
    return [] if (factor, offset) == (1.0, 0.0) else [Affine(factors=(factor,), offsets=(offset,))]
