from typing import ClassVar

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.shipped_spec import ShippedSpec
from lipbuild.spec.sources.source_spec import Targets


class BreastCancer(ShippedSpec):
    """569 tumours by 30 measurements, each mapped to [0, 1] over the data set; malignant 0, benign 1."""

    source_name: ClassVar[str] = "breast_cancer"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (30,)
    classes: ClassVar[int | None] = 2
