"""Data sets of two classes in the plane."""

from pathlib import Path

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape


class PlaneSpec(SourceSpec):
    """The base of the data sets of two classes in the plane, made anew with the split's seed."""

    targets = "classes"

    samples: int = Field(2000, ge=10, le=10_000_000, description="How many points.")
    noise: float = Field(0.05, ge=0, description="The standard deviation of the noise added to them.")

    def input_shape(self, folder: Path) -> Shape:
        """2."""
        return (2,)

    def class_count(self) -> int:
        """2."""
        return 2

    def class_names(self) -> tuple[str, ...]:
        """0 and 1."""
        return ("0", "1")


class Moons(PlaneSpec):
    """Two interleaved half circles in the plane, made anew with the split's seed."""

    source_name = "moons"


class Circles(PlaneSpec):
    """A circle in another one, made anew with the split's seed: 0 outside, 1 inside."""

    source_name = "circles"

    factor: float = Field(0.5, gt=0, lt=1, description="The radius of the inner circle; the outer one has 1.")
