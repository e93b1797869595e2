"""The data sets that scikit-learn ships: nothing is downloaded."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.source_spec import SourceSpec, Targets


class _Shipped(SourceSpec):
    """A data set of fixed size whose every value is in [0, 1]."""

    shape: ClassVar[Shape]
    classes: ClassVar[int | None] = None

    def input_shape(self, folder: Path) -> Shape:
        """What it always is."""
        return self.shape

    def class_count(self) -> int | None:
        """What it always is."""
        return self.classes

    def in_unit_range(self) -> bool:
        """True: each measurement is mapped to [0, 1] over the data set."""
        return True


class Digits(_Shipped):
    """1,797 handwritten digits of 8×8 grey values, divided by 16 so that they lie in [0, 1]; 10 classes."""

    source_name: ClassVar[str] = "digits"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (8, 8, 1)
    classes: ClassVar[int | None] = 10


class BreastCancer(_Shipped):
    """569 tumours by 30 measurements, each mapped to [0, 1] over the data set; malignant 0, benign 1."""

    source_name: ClassVar[str] = "breast_cancer"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (30,)
    classes: ClassVar[int | None] = 2


class Wine(_Shipped):
    """178 wines by 13 measurements, each mapped to [0, 1] over the data set; 3 growers."""

    source_name: ClassVar[str] = "wine"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (13,)
    classes: ClassVar[int | None] = 3


class Iris(_Shipped):
    """150 irises by 4 lengths, each mapped to [0, 1] over the data set; 3 species."""

    source_name: ClassVar[str] = "iris"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (4,)
    classes: ClassVar[int | None] = 3


class Diabetes(_Shipped):
    """442 patients by 10 measurements, progression after a year; measurements and target mapped to [0, 1]."""

    source_name: ClassVar[str] = "diabetes"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (10,)


class Linnerud(_Shipped):
    """20 men by 3 exercises, and 3 measurements of their bodies to predict; all mapped to [0, 1]."""

    source_name: ClassVar[str] = "linnerud"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (3,)


class Moons(SourceSpec):
    """Two interleaved half circles in the plane, made anew with the split's seed."""

    source_name: ClassVar[str] = "moons"
    targets: ClassVar[Targets] = "classes"

    samples: int = Field(2000, ge=10, le=10_000_000, description="How many points.")
    noise: float = Field(0.05, ge=0, description="The standard deviation of the noise added to them.")

    def input_shape(self, folder: Path) -> Shape:
        """2."""
        return (2,)

    def class_count(self) -> int:
        """2."""
        return 2
