from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.evaluation import EvaluationOutput
from lipbuild.outputs.value import Output, Value


class ComparedRun(Value):
    """One of the runs."""

    name: str = Field(description="As much of its path as tells it apart.")
    path: str = Field(description="Its folder.")
    has_ended: bool = Field(description="Whether its training has ended.")
    parameters: int = Field(description="How many numbers its network has.")
    epochs: int = Field(description="How many epochs it was trained.")
    last_epoch: dict[str, float | None] | None = Field(description="The metrics of the last one.")
    evaluation: EvaluationOutput | None = Field(description="What `lipbuild evaluate` wrote.")


class DifferingKey(Value):
    """A key of the config that is not the same in all runs."""

    key: str = Field(description="Its path.")
    values: list[str] = Field(description="Its value in each run, as YAML; empty if it is missing.")


class ComparisonOutput(Output):
    """Printed by `lipbuild compare`."""

    format: Literal["lipbuild.comparison"]
    version: Literal[1]
    runs: list[ComparedRun] = Field(description="The runs.")
    changes: list[DifferingKey] = Field(description="What differs between their configs.")
