from pathlib import Path
from typing import ClassVar

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape


class ShippedSpec(SourceSpec):
    """The base of the data sets that scikit-learn ships: nothing is downloaded.

    Each has a fixed size, and every value is in [0, 1].
    """

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
