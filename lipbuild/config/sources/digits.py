from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class Digits(ShippedSpec):
    """1,797 handwritten digits of 8×8 grey values, divided by 16 so that they lie in [0, 1]; 10 classes."""

    source_name: ClassVar[str] = "digits"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (8, 8, 1)
    classes: ClassVar[int | None] = 10
