from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.fill import Filling
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.features import Features


@dataclass(frozen=True)
class RawData:
    """Features and labels as a source has them.

    Attributes:
        features: The inputs: an array, samples first, or something that is read as it is needed. NaN where a cell of
            a table is missing, until it is filled.
        labels: A label a sample: class numbers, class names, one-hot rows, or numbers to predict.
        test: How many of the last samples are the source's own test set; None where it has none.
        validation: How many of those before them are its own validation set; None where it has none.
        weights: What each sample counts in the loss; None where all count the same.
        class_names: The names of the classes where the source knows them, in the order of their numbers.
        unit: What one unit of a radius is.
        names: What each sample is called where it has a file of its own: the file, from the folder that is named.
        source: Its source with what the data filled in: the columns of a table; None where there is nothing.
        parts_by: What `data.split` names: the number of the group or the time of each of the samples that parts
            are drawn from, which come first; None where it names nothing.
        fillings: How what fills each column was learnt; empty until missing cells are filled.
    """

    features: NDArray[np.generic] | Features
    labels: NDArray[np.generic]
    test: int | None = None
    class_names: tuple[str, ...] | None = None
    unit: str = "the units of the data"
    validation: int | None = None
    weights: NDArray[np.generic] | None = None
    names: tuple[str, ...] = ()
    source: SourceSpec | None = None
    parts_by: NDArray[np.generic] | None = None
    fillings: Mapping[str, Filling] = field(default_factory=dict)

    @property
    def inputs(self) -> Features:
        """The features as something that is read a few samples at a time."""
        return self.features if isinstance(self.features, Features) else ArrayFeatures(self.features)

    @property
    def columns(self) -> tuple[InputColumn, ...]:
        """What each number of a sample is; empty where they have no names."""
        return tuple((self.source.input_columns() if self.source is not None else None) or ())

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.features.shape if isinstance(self.features, Features) else self.features.shape[1:]
