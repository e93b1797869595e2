from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class Point(Value):
    """A place in a text."""

    line: int = Field(description="From 1.")
    column: int = Field(description="From 1, in characters.")
    offset: int = Field(description="From 0, in characters.")


class Location(Value):
    """A part of a text."""

    path: str = Field(description="The file.")
    start: Point = Field(description="The first character.")
    end: Point = Field(description="The place after the last one.")


class Related(Value):
    """Another place that a finding has to do with."""

    location: Location = Field(description="Where.")
    label: str = Field(description="What is there.")


class Edit(Value):
    """One change of a text."""

    location: Location = Field(description="What is replaced.")
    replacement: str = Field(description="By what.")


class FixValue(Value):
    """A way to mend a finding."""

    message: str = Field(description="What it does.")
    applicability: Literal["safe", "unsafe", "display"] = Field(
        description="`unsafe` if the network computes something else afterwards; `display` is never applied."
    )
    edits: list[Edit] = Field(description="The changes.")


class Finding(Value):
    """What a rule found."""

    code: str = Field(description="The rule's code, like `LIP201`.")
    rule: str = Field(description="The rule's name.")
    severity: Literal["error", "warning", "remark"] = Field(description="Errors alone stop anything.")
    message: str = Field(description="What is wrong.")
    label: str = Field(description="What stands beside the place.")
    notes: list[str] = Field(description="Why.")
    help: str = Field(description="What to do.")
    location: Location = Field(description="Where.")
    related: list[Related] = Field(description="Other places that have to do with it.")
    fix: FixValue | None = Field(description="How it can be fixed; null if no fix is known.")


class Suppressed(Finding):
    """A finding that a comment silences."""

    reason: str = Field(description="What the comment says.")


class Node(Value):
    """A node of a network."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its layer.")
    inputs: list[str] = Field(description="The nodes that it takes.")
    shape: list[int | None] = Field(description="What it makes of one sample.")
    parameters: int = Field(description="How many numbers it has.")
    lipschitz: float | None = Field(description="Its own constant, L2.")
    bound: float | None = Field(description="The constant from the input to it, L2.")


class Network(Value):
    """A network."""

    input_shape: list[int | None] = Field(description="The shape of one sample.")
    outputs: list[str] = Field(description="The nodes that are outputs.")
    parameters: int = Field(description="How many numbers it has.")
    lipschitz: float = Field(description="The constant that the config promises, L2.")
    bound: float | None = Field(description="The constant that follows from the layers, L2.")
    target_scale: float | None = Field(
        None, description="The factor of `data.target_scale`; null if the data decides it."
    )
    nodes: list[Node] = Field(description="The nodes, in an order in which they can be computed.")


class CheckedFile(Value):
    """What there is to say of one config."""

    path: str = Field(description="The config.")
    ok: bool = Field(description="Whether there is no error.")
    certificate_voided_by: list[str] = Field(description="The soundness rules that comments silence.")
    diagnostics: list[Finding] = Field(description="The findings.")
    network: Network | None = Field(None, description="With `--graph`, if there is no error.")
    suppressed: list[Suppressed] = Field(description="The findings that comments silence.")


class CheckOutput(Output):
    """Printed by `lipbuild check`."""

    format: Literal["lipbuild.check"]
    version: Literal[1]
    files: list[CheckedFile] = Field(description="The configs.")
