from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output


class ErrorOutput(Output):
    """What any command prints in place of its result where there is none."""

    format: Literal["lipbuild.error"]
    version: Literal[1]
    message: str = Field(description="What is wrong, and where.")
    help: str = Field(description="What to do; empty if there is no advice.")
    status: int = Field(description="The exit status.")
