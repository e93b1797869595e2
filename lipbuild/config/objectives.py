"""What a sweep can look for."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lipbuild.config.choices import ObjectiveSpec
from lipbuild.config.columns import certified_column

Semantics = Literal["real", "float32"]


class Accuracy(ObjectiveSpec):
    """The share of samples that are right."""

    kind = "accuracy"

    @property
    def column(self) -> str | None:
        """The accuracy of each epoch."""
        return "val_accuracy"


class CertifiedAccuracy(ObjectiveSpec):
    """The share of samples that are right, and proved to stay so under every smaller L2 perturbation."""

    kind = "certified_accuracy"
    certified = True

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


class AverageCertifiedRadius(ObjectiveSpec):
    """The mean certified radius, 0 where a sample is wrong, in the units of the data."""

    kind = "average_certified_radius"
    certified = True

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


class MeanAbsoluteError(ObjectiveSpec):
    """The mean distance of predictions from their targets; less is better."""

    kind = "mean_absolute_error"
    maximized = False
    tasks = ("regression",)

    @property
    def column(self) -> str | None:
        """The error of each epoch."""
        return "val_mean_absolute_error"


class RootMeanSquaredError(ObjectiveSpec):
    """The root of the mean squared distance of predictions from their targets; less is better."""

    kind = "root_mean_squared_error"
    maximized = False
    tasks = ("regression",)


class Parameters(ObjectiveSpec):
    """The number of the network's parameters; less is better."""

    kind = "parameters"
    maximized = False
    tasks = ("multiclass", "binary", "regression")
