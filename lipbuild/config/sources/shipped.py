"""Data sets that are had by their names alone."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape


class ShippedSpec(SourceSpec):
    """The base of the data sets that scikit-learn ships: nothing is downloaded.

    Each has a fixed size, and every value is in [0, 1].
    """

    shape: ClassVar[Shape]
    names: ClassVar[tuple[str, ...]] = ()

    def input_shape(self, folder: Path) -> Shape:
        """What it always is."""
        return self.shape

    def class_count(self) -> int | None:
        """What it always is."""
        return len(self.names) or None

    def class_names(self) -> tuple[str, ...] | None:
        """What they always are."""
        return self.names or None

    def in_unit_range(self) -> bool:
        """True: each measurement is mapped to [0, 1] over the data set."""
        return True


class Digits(ShippedSpec):
    """1,797 handwritten digits of 8×8 grey values, divided by 16 so that they lie in [0, 1]; 10 classes."""

    source_name = "digits"
    targets = "classes"
    shape = (8, 8, 1)
    names = tuple("0123456789")


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
