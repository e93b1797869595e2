from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class AuditFinding(Value):
    """What a rule says of a layer."""

    code: str = Field(description="The rule's code.")
    rule: str = Field(description="The rule's name.")
    severity: Literal["error", "warning", "remark"] = Field(description="How much it matters.")
    message: str = Field(description="What is wrong.")
    help: str = Field(description="What to do.")


class AuditedLayerValue(Value):
    """A layer."""

    name: str = Field(description="Its name.")
    kind: str = Field(description="Its class.")
    shape: list[int | None] | None = Field(description="What it makes of one sample.")
    upper: float | None = Field(description="A proved bound of its own constant.")
    lower: float | None = Field(description="What it is proved to reach.")
    reason: str = Field(description="Why there is no bound.")
    findings: list[AuditFinding] = Field(description="What the rules say.")


class HeldDataValue(Value):
    """Data that was held against what the training knew."""

    path: str = Field(description="The file or the folder.")
    parts: dict[str, int] = Field(description="How many samples of each part are there.")
    notes: list[str] = Field(description="What is new, changed or gone.")


class AuditOutput(Output):
    """Printed by `lipbuild audit`."""

    format: Literal["lipbuild.audit"]
    version: Literal[1]
    norm: Literal["L2"] = Field(description="The norm.")
    lipschitz: float | None = Field(description="The proved constant; null if there is none.")
    reason: str = Field(description="Why there is none.")
    origin: str = Field(description="The package that made it, other than Keras and lipbuild.")
    contradictions: list[str] = Field(description="Where an export is something else than it says of itself.")
    layers: list[AuditedLayerValue] = Field(description="The layers.")
    data: HeldDataValue | None = Field(None, description="With `--data`.")
