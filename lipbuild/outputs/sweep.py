from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class ObjectiveValue(Value):
    """What a sweep looks for."""

    name: str = Field(description="Its name.")
    maximized: bool = Field(description="Whether more is better.")


class TrialValue(Value):
    """One trial."""

    number: int = Field(description="From 0.")
    state: Literal["complete", "pruned", "failed", "interrupted", "running", "waiting"] = Field(
        description="How far it has come."
    )
    options: dict[str, str] = Field(description="The values that it tried, as YAML, by their paths.")
    values: list[float | None] = Field(description="The objectives; empty unless it is complete.")
    run: str | None = Field(description="Its run folder, if there is one on this machine.")
    epochs: int | None = Field(description="The last epoch that a pruner compared.")
    seconds: float | None = Field(description="How long it took.")
    problem: str = Field(description="Why it failed.")


class SweepOutput(Output):
    """Printed by `lipbuild sweep`."""

    format: Literal["lipbuild.sweep"]
    version: Literal[1]
    folder: str = Field(description="The sweep's folder.")
    study: str = Field(description="The name of Optuna's study.")
    objectives: list[ObjectiveValue] = Field(description="What is looked for.")
    trials: list[TrialValue] = Field(description="In the order of their numbers.")
    best: list[int] = Field(description="The trials for which no other is better in all objectives.")
    configs: dict[str, str] = Field(description="With several objectives the config of each best trial.")
    picked: int | None = Field(description="The trial whose config is `best.yaml`.")
    config: str | None = Field(description="That file.")
