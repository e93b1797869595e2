from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from lipbuild.config.columns import certified_column
from lipbuild.config.objectives.objective import ObjectiveSpec, Semantics


class CertifiedAccuracy(ObjectiveSpec):
    """The share of samples that are right, and proved to stay so under every smaller L2 perturbation."""

    kind: ClassVar[str] = "certified_accuracy"
    certified: ClassVar[bool] = True

    radius: float = Field(ge=0, description="The L2 radius, in the units of the data.")
    semantics: Semantics = Field(
        "real", description="What is certified: the function in exact arithmetic, or what float32 serves."
    )

    @property
    def label(self) -> str:
        """Its name and its radius, and its semantics where they are not the usual ones."""
        served = "" if self.semantics == "real" else f" {self.semantics}"
        return f"{self.kind}@{self.radius:g}{served}"

    @property
    def column(self) -> str | None:
        """The certified accuracy of each epoch, by the constant that the config promises."""
        return f"val_{certified_column(self.radius)}"

    @property
    def radii(self) -> tuple[float, ...]:
        """Its radius."""
        return (self.radius,)

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """The accuracy at its radius."""
        part = figures if self.semantics == "real" else figures["float32"]
        return next(
            (float(point["accuracy"]) for point in part[self.kind] if point["radius"] == self.radius), None
        )
