from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class Diabetes(ShippedSpec):
    """442 patients by 10 measurements, progression after a year; measurements and target mapped to [0, 1]."""

    source_name: ClassVar[str] = "diabetes"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (10,)
