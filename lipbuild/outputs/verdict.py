from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class FailureValue(Value):
    """A statement that could not be proved again."""

    where: str = Field(description="The node, or the part of the certificate.")
    message: str = Field(description="What was found.")


class VerdictOutput(Output):
    """Printed by `lipbuild verify`."""

    format: Literal["lipbuild.verdict"]
    version: Literal[1]
    verdict: str = Field(description="In words.")
    status: int = Field(
        description="The exit status: 0: it holds. 1: it does not. 3: it holds on a condition."
    )
    failures: list[FailureValue] = Field(description="Empty if it holds.")
    checked: list[str] = Field(description="What was proved again.")
    unchecked: list[str] = Field(description="What was not looked at.")
    believed: list[str] = Field(description="What must be true for it to hold.")
    noted: list[str] = Field(description="What it states that nothing rests on.")
    fields: dict[str, str] = Field(
        description="For each field by its JSON pointer: `proved`, `checked` or only `stated`."
    )
