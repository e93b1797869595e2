from typing import Any

from pydantic import Field

from lipbuild.config.blocks.block_spec import BlockSpec


class Residual(BlockSpec):
    """α·x + (1−α)·f(x): a residual whose constant is α + (1−α)·L(f), at most 1 where f's is."""

    alpha: float = Field(0.5, gt=0, lt=1, description="The share of the input itself.")
    layers: Any = Field(description="The layers of f; its output has the shape of its input.")
