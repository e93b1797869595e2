from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A JSON object with these keys and no others."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Output(Value):
    """What a command prints: its format, the version of the format, and what follows.

    A new key does not make a new version. A key that is removed, or that changes its meaning, does.
    """

    format: str = Field(description="What this is.")
    version: int = Field(description="The version of the format.")


class Void(Value):
    """Why nothing is certified."""

    silenced_rules: list[str] = Field(description="The soundness rules that the config silences.")


class AtRadius(Value):
    """A share at a radius."""

    radius: float = Field(description="An L2 radius.")
    accuracy: float = Field(description="The share of samples that is right, and stays so within it.")


class Movement(Value):
    """A movement at a radius."""

    radius: float = Field(description="How far the input moves, L2.")
    movement: float = Field(description="How far the outputs move, L2.")
