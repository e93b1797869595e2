from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec, Targets
from lipbuild.network.shapes import Shape


class Moons(SourceSpec):
    """Two interleaved half circles in the plane, made anew with the split's seed."""

    source_name: ClassVar[str] = "moons"
    targets: ClassVar[Targets] = "classes"

    samples: int = Field(2000, ge=10, le=10_000_000, description="How many points.")
    noise: float = Field(0.05, ge=0, description="The standard deviation of the noise added to them.")

    def input_shape(self, folder: Path) -> Shape:
        """2."""
        return (2,)

    def class_count(self) -> int:
        """2."""
        return 2
