from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class Iris(ShippedSpec):
    """150 irises by 4 lengths, each mapped to [0, 1] over the data set; 3 species."""

    source_name: ClassVar[str] = "iris"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (4,)
    classes: ClassVar[int | None] = 3
