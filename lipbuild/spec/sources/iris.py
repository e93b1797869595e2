from typing import ClassVar

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.shipped_spec import ShippedSpec
from lipbuild.spec.sources.source_spec import Targets


class Iris(ShippedSpec):
    """150 irises by 4 lengths, each mapped to [0, 1] over the data set; 3 species."""

    source_name: ClassVar[str] = "iris"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (4,)
    classes: ClassVar[int | None] = 3
