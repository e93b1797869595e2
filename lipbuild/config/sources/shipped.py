"""Data sets that a config names without any other argument."""

from pathlib import Path
from typing import ClassVar

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
