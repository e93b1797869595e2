from typing import Any

from pydantic import Field

from lipbuild.config.blocks.block_spec import BlockSpec


class Parallel(BlockSpec):
    """Several branches that read the same input, and a merge."""

    branches: Any = Field(description="A list of branches, each a list of layers; an empty one passes on.")
    merge: Any = Field(description="The merge: `Add`, `Average` or `Concatenate`.")
