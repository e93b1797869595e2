from typing import ClassVar

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.shipped_spec import ShippedSpec
from lipbuild.spec.sources.source_spec import Targets


class Wine(ShippedSpec):
    """178 wines by 13 measurements, each mapped to [0, 1] over the data set; 3 growers."""

    source_name: ClassVar[str] = "wine"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (13,)
    classes: ClassVar[int | None] = 3
