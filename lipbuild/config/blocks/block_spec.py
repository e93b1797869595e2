from pydantic import Field

from lipbuild.fields.strict import Strict


class BlockSpec(Strict):
    """The keys that all blocks have."""

    name: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="The name by which other layers refer to what the block makes.",
    )
    inputs: list[str] | None = Field(
        None,
        min_length=1,
        max_length=1,
        description="The name of the layer that it reads. Default: the layer above.",
    )
