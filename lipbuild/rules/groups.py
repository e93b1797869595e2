"""The groups of rules, by the beginnings of their codes."""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """Some rules that ask the same question.

    Attributes:
        name: The folder that they are in.
        prefix: What their codes begin with.
        question: What they ask.
    """

    name: str
    prefix: str
    question: str


GROUPS = (
    Group("source", "LIP0", "can the text be read?"),
    Group("schema", "LIP1", "does it say something that can be built?"),
    Group("soundness", "LIP2", "is the Lipschitz constant what the config promises?"),
    Group("quality", "LIP3", "is the network as good as it could be?"),
    Group("training", "LIP4", "do data, training, certification and export fit together?"),
    Group("hygiene", "LIP9", "are the comments to lipbuild itself in order?"),
)
