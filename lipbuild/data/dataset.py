from __future__ import annotations

from dataclasses import dataclass

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.part import Part


@dataclass(frozen=True)
class Dataset:
    """The data of a config, split and encoded.

    Attributes:
        train: What the network learns from.
        validation: What each epoch is measured on; None where the config keeps none apart.
        test: What `evaluate` measures on.
        class_names: The names of the classes in the order of their numbers; empty for regression.
        unit: What one unit of a radius is.
        source: Its source with what the data filled in; None where there is nothing.
    """

    train: Part
    validation: Part | None
    test: Part
    class_names: tuple[str, ...]
    unit: str
    source: SourceSpec | None = None

    @property
    def watched(self) -> Part:
        """What each epoch is measured on: the validation part, or else the test part.

        Nothing is chosen by it: the last epoch's weights are kept whatever it shows.
        """
        return self.validation if self.validation is not None else self.test
