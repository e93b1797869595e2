from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from lipbuild.config.objectives.objective import ObjectiveSpec, Semantics


class AverageCertifiedRadius(ObjectiveSpec):
    """The mean certified radius, 0 where a sample is wrong, in the units of the data."""

    kind: ClassVar[str] = "average_certified_radius"
    certified: ClassVar[bool] = True

    semantics: Semantics = Field(
        "real", description="What is certified: the function in exact arithmetic, or what float32 serves."
    )

    @property
    def label(self) -> str:
        """Its name, and its semantics where they are not the usual ones."""
        return self.kind if self.semantics == "real" else f"{self.kind} {self.semantics}"

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """The mean radius."""
        found = (figures if self.semantics == "real" else figures["float32"])[self.kind]
        return None if found is None else float(found)
