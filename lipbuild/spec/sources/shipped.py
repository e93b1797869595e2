"""The data sets that scikit-learn ships: nothing is downloaded."""

from pathlib import Path
from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.source_spec import SourceSpec, Targets


class Digits(SourceSpec):
    """1,797 handwritten digits of 8×8 grey values, divided by 16 so that they lie in [0, 1]; 10 classes."""

    source_name: ClassVar[str] = "digits"
    targets: ClassVar[Targets] = "classes"

    def input_shape(self, folder: Path) -> Shape:
        """8×8×1."""
        return (8, 8, 1)

    def class_count(self) -> int:
        """10."""
        return 10


class BreastCancer(SourceSpec):
    """569 tumours by 30 measurements, each mapped to [0, 1] over the data set; malignant 0, benign 1."""

    source_name: ClassVar[str] = "breast_cancer"
    targets: ClassVar[Targets] = "classes"

    def input_shape(self, folder: Path) -> Shape:
        """30."""
        return (30,)

    def class_count(self) -> int:
        """2."""
        return 2


class Wine(SourceSpec):
    """178 wines by 13 measurements, each mapped to [0, 1] over the data set; 3 growers."""

    source_name: ClassVar[str] = "wine"
    targets: ClassVar[Targets] = "classes"

    def input_shape(self, folder: Path) -> Shape:
        """13."""
        return (13,)

    def class_count(self) -> int:
        """3."""
        return 3


class Diabetes(SourceSpec):
    """442 patients by 10 measurements, progression after a year; measurements and target mapped to [0, 1]."""

    source_name: ClassVar[str] = "diabetes"
    targets: ClassVar[Targets] = "numbers"

    def input_shape(self, folder: Path) -> Shape:
        """10."""
        return (10,)


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
