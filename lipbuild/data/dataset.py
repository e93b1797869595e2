from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.contract.contract import Contract
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
        contract: Which sample is in which part, where that was asked for or is known from a training.
        digests: The digest of each part that there is, by its name; empty where there is no contract.
        notes: What is to be said of it, one line each.
        source: Its source with what the data filled in; None where there is nothing.
        mixed_source: The same of the source that is mixed in.
    """

    train: Part
    validation: Part | None
    test: Part
    class_names: tuple[str, ...]
    unit: str
    contract: Contract | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source: SourceSpec | None = None
    mixed_source: SourceSpec | None = None

    @property
    def watched(self) -> Part:
        """What each epoch is measured on: the validation part, or else the test part.

        Nothing is chosen by it: the last epoch's weights are kept whatever it shows.
        """
        return self.validation if self.validation is not None else self.test
