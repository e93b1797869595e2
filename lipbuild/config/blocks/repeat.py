from typing import Any

from pydantic import Field

from lipbuild.config.blocks.block_spec import BlockSpec


class Repeat(BlockSpec):
    """The same layers several times in a row, each time with weights of their own."""

    times: int = Field(ge=1, le=1000, description="How many times.")
    layers: Any = Field(description="The layers.")
