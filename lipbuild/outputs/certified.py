from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class CertifiedNode(Value):
    """What is proved of a node."""

    name: str = Field(description="Its name.")
    kind: str = Field(description="Its operation.")
    shape: list[int] = Field(description="What it makes of one sample.")
    upper: float | None = Field(description="Its own constant is at most this.")
    lower: float | None = Field(description="And at least this; null if that was not computed.")
    constant: float = Field(description="The constant from the input to it.")


class StatedSamples(Value):
    """The samples whose radii are stated."""

    count: int = Field(description="How many.")
    average_radius: float | None = Field(description="The mean of their radii, right or wrong.")
    accuracy: float | None = Field(description="The share that is right; null without labels.")


class CertifiedOutput(Output):
    """Printed by `lipbuild certify`. The certificate itself is the file that it names."""

    format: Literal["lipbuild.certified"]
    version: Literal[1]
    certificate: str = Field(description="The certificate.")
    model: str = Field(description="The plain model that it is of.")
    made_from: str | None = Field(description="The model of which this is the plain form, if it was written.")
    lipschitz: float | None = Field(description="The proved constant, rounded up, L2.")
    norm: Literal["L2"] = Field(description="The norm.")
    semantics: str = Field(description="What the radii are: `real`, `float32` or `guarded`.")
    samples: StatedSamples | None = Field(description="The samples; null if there were none.")
    nodes: list[CertifiedNode] = Field(description="The nodes.")
