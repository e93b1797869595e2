from typing import ClassVar

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.shipped_spec import ShippedSpec
from lipbuild.spec.sources.source_spec import Targets


class Diabetes(ShippedSpec):
    """442 patients by 10 measurements, progression after a year; measurements and target mapped to [0, 1]."""

    source_name: ClassVar[str] = "diabetes"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (10,)
