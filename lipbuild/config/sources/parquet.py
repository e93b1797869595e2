from pathlib import Path
from typing import ClassVar

from lipbuild.config.sources.table import TableSpec
from lipbuild.network.shapes import Shape


class Parquet(TableSpec):
    """A Parquet table of numbers; text in the target column is a class by name. Needs the extra `parquet`."""

    source_name: ClassVar[str] = "parquet"

    def input_shape(self, folder: Path) -> Shape | None:
        """The number of feature columns, where they are named: the file is not opened for it."""
        return (len(self.features),) if self.features is not None else None
