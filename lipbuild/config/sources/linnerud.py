from typing import ClassVar

from lipbuild.config.sources.shipped_spec import ShippedSpec
from lipbuild.config.sources.source_spec import Targets
from lipbuild.network.shapes import Shape


class Linnerud(ShippedSpec):
    """20 men by 3 exercises, and 3 measurements of their bodies to predict; all mapped to [0, 1]."""

    source_name: ClassVar[str] = "linnerud"
    targets: ClassVar[Targets] = "numbers"
    shape: ClassVar[Shape] = (3,)
