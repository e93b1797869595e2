from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from lipbuild.outputs.evaluation import BaselineValue
from lipbuild.outputs.value import Output, Value


class StartEvent(Output):
    """The first line."""

    event: Literal["start"]
    format: Literal["lipbuild.training"]
    version: Literal[1]
    run: str = Field(description="The run folder.")
    name: str = Field(description="The name of the config.")
    epochs: int = Field(description="How many epochs there will have been.")
    steps: int = Field(description="Steps an epoch.")
    first_epoch: int = Field(description="The first one, from 1.")
    watched: str = Field(description="The part that metrics with `val_` are of.")
    environment: dict[str, Any] = Field(description="Versions and devices.")


class EpochEvent(BaseModel):
    """A line an epoch. Each metric is another key; one that is not finite is null."""

    model_config = ConfigDict(extra="allow")

    event: Literal["epoch"]
    epoch: int = Field(description="Its number, from 1.")
    epochs: int = Field(description="How many there will have been.")
    seconds: float = Field(description="How long it took.")
    seconds_left: float = Field(description="How long the rest should take.")


class EndEvent(Value):
    """The last line."""

    event: Literal["end"]
    run: str = Field(description="The run folder.")
    problem: str | None = Field(None, description="Why it ended early.")
    baseline: BaselineValue | None = Field(None, description="What a constant answer reaches.")


class TrainingOutput(RootModel[StartEvent | EpochEvent | EndEvent]):
    """Printed by `lipbuild train`: one JSON object a line, while it trains."""
