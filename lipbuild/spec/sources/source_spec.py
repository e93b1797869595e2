from pathlib import Path
from typing import ClassVar, Literal

from lipbuild.spec.shapes import Shape
from lipbuild.spec.strict import Strict

Targets = Literal["classes", "numbers", "either"]


class SourceSpec(Strict):
    """Where the data comes from.

    Attributes:
        source_name: The name in a config.
        targets: Whether its labels are classes or numbers; `either` where only the data tells.
    """

    source_name: ClassVar[str]
    targets: ClassVar[Targets] = "either"

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape of one sample, or None where it cannot be told without loading the data.

        Args:
            folder: Where relative paths start.
        """
        return None

    def class_count(self) -> int | None:
        """The number of classes, or None where only the data tells."""
        return None

    def files(self) -> dict[str, str]:
        """The fields that name files, and the paths in them."""
        return {}
