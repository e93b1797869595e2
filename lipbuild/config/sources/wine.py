from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class Wine(ShippedSpec):
    """178 wines by 13 measurements, each mapped to [0, 1] over the data set; 3 growers."""

    source_name: ClassVar[str] = "wine"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (13,)
    classes: ClassVar[int | None] = 3
