from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class DifferenceValue(Value):
    """How the outputs of a file compare with those of the run's network."""

    inputs: str = Field(description="The kind of inputs: `real`, `one`, `random` or `extreme`.")
    samples: int = Field(description="How many.")
    greatest: float | None = Field(description="The greatest difference, over the tolerance's scale.")


class ExportValue(Value):
    """A file that was written."""

    format: str = Field(description="Its format.")
    path: str = Field(description="Where it is.")
    report: str = Field(description="The report of its gate.")
    lipschitz: float | None = Field(description="The constant proved from the weights in the file, L2.")
    certificate: str = Field(description="What the run's certificate means for it.")
    differences: list[DifferenceValue] = Field(description="How its outputs compare.")


class ExportsOutput(Output):
    """Printed by `lipbuild export`."""

    format: Literal["lipbuild.exports"]
    version: Literal[1]
    exports: list[ExportValue] = Field(description="The files.")
