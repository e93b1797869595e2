from pathlib import Path
from typing import ClassVar, Literal

from pydantic import PrivateAttr

from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.split import Named, SplitSection
from lipbuild.fields.strict import Strict
from lipbuild.network.shapes import Shape

Targets = Literal["classes", "numbers", "either"]


class SourceSpec(Strict):
    """Where the data comes from.

    Attributes:
        source_name: The name in a config.
        targets: Whether its labels are classes or numbers; `either` where only the data tells.
        streams: Whether its samples can be read as they are needed.
        needs_tensorflow: Whether TensorFlow may be loaded to read it.
        split_names: What `data.split` names in it; None where it has no such names.
        loader: The function that reads it as `module:name`, of a source that a package brings.
    """

    source_name: ClassVar[str]
    targets: ClassVar[Targets] = "either"
    streams: ClassVar[bool] = False
    needs_tensorflow: ClassVar[bool] = False
    split_names: ClassVar[Named | None] = None
    loader: ClassVar[str] = ""

    _parts_by: SplitSection | None = PrivateAttr(None)

    @property
    def parts_by(self) -> SplitSection | None:
        """What `data.split` says. Its column is not an input, so the source has to know it."""
        return self._parts_by

    def goes_by(self, split: SplitSection | None) -> None:
        """Let it know what its parts are drawn by."""
        self._parts_by = split

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape of one sample, or None where it cannot be told without loading the data.

        Args:
            folder: Where relative paths start.
        """
        return None

    def input_columns(self) -> list[InputColumn] | None:
        """What each number of a sample is, in the order that a network takes them; None where none has a name."""
        return None

    def class_count(self) -> int | None:
        """The number of classes, or None where only the data tells."""
        return None

    def class_names(self) -> tuple[str, ...] | None:
        """The names of the classes in the order of their numbers, or None where only the data tells."""
        return None

    def in_unit_range(self) -> bool:
        """Whether every value is known to lie in [0, 1]."""
        return False

    def has_validation(self) -> bool:
        """Whether it brings samples of its own that each epoch is measured on."""
        return False

    def files(self) -> dict[str, str]:
        """The fields that name files or folders, and the paths in them."""
        return {}

    def _named(self, *fields: str) -> dict[str, str]:
        """Those of some fields that name a file."""
        return {field: path for field in fields if (path := getattr(self, field)) is not None}
