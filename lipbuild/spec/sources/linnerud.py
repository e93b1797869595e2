from typing import ClassVar

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.shipped_spec import ShippedSpec
from lipbuild.spec.sources.source_spec import Targets


class Linnerud(ShippedSpec):
    """20 men by 3 exercises, and 3 measurements of their bodies to predict; all mapped to [0, 1]."""

    source_name: ClassVar[str] = "linnerud"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (3,)
