from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class DifferenceValue(Value):
    """How the outputs of a file compare with those of the run's network."""

    inputs: str = Field(description="The kind of inputs: `real`, `one`, `random` or `extreme`.")
    samples: int = Field(description="How many.")
    greatest: float | None = Field(description="The greatest difference, over the tolerance's scale.")


class RadiiValue(Value):
    """What an arithmetic that C may compute in leaves of the radii of the real inputs."""

    arithmetic: str = Field(description="`float32` or `double`.")
    certified: float = Field(description="The share of the inputs with a radius above 0.")
    lost: float = Field(
        description="By which share of itself a radius is on average below that in exact arithmetic."
    )


class ExportValue(Value):
    """A file that was written."""

    format: str = Field(description="Its format.")
    path: str = Field(description="Where it is.")
    report: str = Field(description="The report of its gate.")
    lipschitz: float | None = Field(description="The constant proved from the weights in the file, L2.")
    certificate: str = Field(description="What the run's certificate means for it.")
    differences: list[DifferenceValue] = Field(description="How its outputs compare.")
    compiled: list[str] | None = Field(
        description="Of C each command that compiled it, whose program was run; empty where no compiler was at hand. "
        "Null for other formats."
    )
    cppcheck: bool | None = Field(
        description="Of C whether cppcheck was at hand, and found nothing. Null for others."
    )
    radii: list[RadiiValue] = Field(
        description="Of C with a radius what each arithmetic leaves of the radii; empty otherwise."
    )


class ExportsOutput(Output):
    """Printed by `lipbuild export`."""

    format: Literal["lipbuild.exports"]
    version: Literal[1]
    exports: list[ExportValue] = Field(description="The files.")
