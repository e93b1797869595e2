from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class ClaimValue(Value):
    """A link of the chain."""

    name: str = Field(description="What it is about.")
    says: str = Field(description="What it claims.")
    status: Literal["holds", "conditional", "recorded", "missing", "broken"] = Field(
        description="`conditional`: it holds if what is assumed is true. `recorded`: written down, and proved by "
        "nothing. `missing`: no command has made it. `broken`: a digest or a proof does not fit."
    )
    command: str = Field(description="What checks it again.")
    proof: list[str] = Field(description="What was looked at; of a broken link first why.")
    assumptions: list[str] = Field(description="What must be true besides.")
    digests: dict[str, str] = Field(description="The SHA-256 of each file, or folder, by its name.")
    rests_on: list[str] = Field(description="The names of the links that it follows from.")


class SbomValue(Value):
    """The software bill of materials, CycloneDX 1.6."""

    file: str = Field(description="Its name in the folder.")
    sha256: str = Field(description="Its SHA-256.")


class EvidenceOutput(Output):
    """Printed by `lipbuild evidence`, and written as `evidence.json`."""

    format: Literal["lipbuild.evidence"]
    version: Literal[1]
    run: str = Field(description="The run folder.")
    path: str = Field(description="The folder that was written.")
    status: int = Field(description="The exit status.")
    claims: list[ClaimValue] = Field(description="The links, each after those that it rests on.")
    sbom: SbomValue = Field(description="The packages of the environment that wrote it.")
