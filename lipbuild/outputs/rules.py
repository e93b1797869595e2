from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class RuleValue(Value):
    """A design rule."""

    code: str = Field(description="Its code.")
    name: str = Field(description="Its name.")
    severity: Literal["error", "warning", "remark"] = Field(description="What its findings are.")
    summary: str = Field(description="What it asks for, in a line.")
    text: str = Field(description="Its page, in Markdown.")


class RulesOutput(Output):
    """Printed by `lipbuild rules`."""

    format: Literal["lipbuild.rules"]
    version: Literal[1]
    rules: list[RuleValue] = Field(description="The rules.")
