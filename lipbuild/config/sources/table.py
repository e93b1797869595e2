from typing import Annotated

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec

_Column = Annotated[str, Field(min_length=1)]


class TableSpec(SourceSpec):
    """The base of tables: columns by name, one or several of them the target."""

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    target: _Column | list[_Column] = Field(
        min_length=1, description="The column of the labels, or several columns of numbers to predict."
    )
    features: list[_Column] | None = Field(
        None, min_length=1, description="The columns of the inputs; all others where left out."
    )
    weight: _Column | None = Field(
        None, description="The column of the samples' weights; each counts 1 where left out."
    )
    split: _Column | None = Field(
        None, description="The column that says `train`, `validation` or `test` of each sample."
    )
    test: str | None = Field(
        None,
        min_length=1,
        description="Another file with the test's samples; a share is drawn where left out.",
    )
    validation: str | None = Field(
        None, min_length=1, description="Another file with the samples that each epoch is measured on."
    )

    @property
    def targets_list(self) -> list[str]:
        """The columns of the labels."""
        return self.target if isinstance(self.target, list) else [self.target]

    @property
    def other_columns(self) -> set[str]:
        """The columns that are no inputs."""
        return {*self.targets_list, *(name for name in (self.weight, self.split) if name is not None)}

    def files(self) -> dict[str, str]:
        """The tables."""
        return self._named("path", "test", "validation")

    def has_validation(self) -> bool:
        """Whether there is a file of its own; what a column says only the data tells."""
        return self.validation is not None or self.split is not None
