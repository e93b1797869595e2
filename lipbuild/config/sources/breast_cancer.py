from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class BreastCancer(ShippedSpec):
    """569 tumours by 30 measurements, each mapped to [0, 1] over the data set; malignant 0, benign 1."""

    source_name: ClassVar[str] = "breast_cancer"
    targets: ClassVar[Targets] = "classes"
    shape: ClassVar[Shape] = (30,)
    classes: ClassVar[int | None] = 2
