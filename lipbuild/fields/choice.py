from __future__ import annotations

from collections.abc import Mapping

from lipbuild.fields.strict import Strict
from lipbuild.frozen import dataclass


@dataclass(frozen=True)
class Choice:
    """Marks a field whose value is a name, or a name with its arguments: `Adam`, `Adam: {learning_rate: 1e-3}`.

    The value is decoded by the one class that the name stands for, so that what is wrong inside has one
    place, and an unknown name gets its nearest neighbours.

    Attributes:
        what: What is chosen, in words for a message (`optimizer`).
        classes: The names and what each stands for.
        rule: The rule that an unknown name breaks.
        many: Whether the field is a list of them.
    """

    what: str
    classes: Mapping[str, type[Strict]]
    rule: str = "unknown-names"
    many: bool = False

    def __hash__(self) -> int:
        return hash((self.what, self.rule, self.many))
