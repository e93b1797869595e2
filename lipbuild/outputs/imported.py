from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class ChangeValue(Value):
    """One way in which a config differs from the model that it was made from."""

    layer: str = Field(description="The layer.")
    what: str = Field(description="What became of it.")
    why: str = Field(description="Why.")
    rule: str = Field(description="The rule that requires it; empty if none does.")
    kind: str = Field(description="The class of the layer.")
    option: str = Field(description="The argument concerned; empty if it is the whole layer.")
    dropped: bool = Field(description="Whether nothing in the config takes its place.")


class Left(Value):
    """An error that is left for you to decide."""

    rule: str = Field(description="The rule.")
    message: str = Field(description="What is wrong.")
    help: str = Field(description="What to do.")


class ImportOutput(Output):
    """Printed by `lipbuild import`."""

    format: Literal["lipbuild.import"]
    version: Literal[1]
    path: str = Field(description="The config; with `--keep-weights` the folder.")
    weights: str | None = Field(description="The model file with the weights, if they are kept.")
    lipschitz: float | None = Field(description="The constant of the config (L2); null if it has errors.")
    changes: list[ChangeValue] = Field(description="How it differs from the model.")
    errors: list[Left] = Field(description="What is left for you to decide.")
