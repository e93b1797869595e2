from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from lipbuild.outputs.shown import Shown

# A column of which so many cells are missing tells nearly nothing.
_ALMOST_ALL = 0.9


@dataclass(frozen=True)
class PartReport:
    """One part of the data.

    Attributes:
        name: `training`, `validation` or `test`.
        samples: The number of its samples.
        broken: How many of them hold NaN or infinite values; the figures below are of the others.
        least: The least value.
        greatest: The greatest.
        mean: The mean of all values.
        deviation: Their standard deviation.
        per_class: The number of samples of each class, in the order of the classes; empty for numbers.
    """

    name: str
    samples: int
    broken: int
    least: float
    greatest: float
    mean: float
    deviation: float
    per_class: tuple[int, ...]


@dataclass(frozen=True)
class ColumnReport:
    """One column of a table in the training part, as the network is given it: its missing cells filled.

    Attributes:
        name: Its name.
        missing: How many of its cells were missing.
        categories: How many values a column of text has; 0 for numbers.
        least: The least number; None for text, as are the others.
        greatest: The greatest.
        mean: The mean.
        median: The median.
        deviation: The standard deviation: what `Normalization` divides by.
    """

    name: str
    missing: int
    categories: int
    least: float | None
    greatest: float | None
    mean: float | None
    median: float | None
    deviation: float | None


@dataclass(frozen=True)
class Drawn:
    """A part that was drawn by `data.split`.

    Attributes:
        name: `validation` or `test`.
        asked: The share asked for: of all samples that parts are drawn from, or for the validation part of what the
            test part has left.
        reached: The share that whole groups, or samples of one time, have come to.
    """

    name: str
    asked: float
    reached: float


@dataclass(frozen=True)
class DrawnBy:
    """What parts were drawn by.

    Attributes:
        key: `group` or `time`.
        name: The column, the array or the pattern.
        values: How many groups, or different times, there are in each part that `parts` names.
        parts: The parts that were drawn, and what is left for the training.
        drawn: The shares of those that were drawn.
    """

    key: str
    name: str
    values: tuple[int, ...]
    parts: tuple[str, ...]
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True)
class MixedReport:
    """What is mixed into the training from a second source.

    Attributes:
        source: The source's name.
        share: Its share of each batch.
        samples: The number of its samples.
        left_out: How many more it has that are equal to a sample of the validation or the test part.
    """

    source: str
    share: float
    samples: int
    left_out: int


@dataclass(frozen=True)
class Duplicates:
    """Samples that are equal to the last bit.

    Attributes:
        parts: The two parts, or one part twice.
        samples: How many samples of the second are in the first, or appear in it a second time.
        contradictory: How many of them have another label there.
    """

    parts: tuple[str, str]
    samples: int
    contradictory: int


@dataclass(frozen=True)
class NearDuplicates:
    """Samples of one part that are nearly those of another; equal ones are not counted.

    Attributes:
        parts: The two parts.
        samples: How many of the samples of the second that were compared are nearly in the first.
        compared: How many samples of the second were compared.
        others: With how many of the first.
    """

    parts: tuple[str, str]
    samples: int
    compared: int
    others: int


@dataclass(frozen=True)
class Distances:
    """How far samples are from the nearest sample of another class, in L2 and the units of the data.

    Each distance is one to a sample that there is, so no radius of a sample and of that neighbour can both
    exceed half of it.

    Attributes:
        samples: How many samples were compared.
        least: The least distance.
        percentiles: The distance that so many per cent of the samples stay below.
    """

    samples: int
    least: float
    percentiles: dict[int, float]


@dataclass(frozen=True)
class Limit:
    """What can be certified at most.

    Attributes:
        radius: The radius.
        pairs: So many disjoint pairs of test samples of different classes are less than twice the radius apart.
        samples: The number of samples of the test part. No network certifies more than `samples − pairs` of them.
    """

    radius: float
    pairs: int
    samples: int


@dataclass(frozen=True)
class Deviations:
    """What a step of the preprocessing finds in the training part.

    Attributes:
        step: Its name.
        means: The mean of each value of the last axis, or of all together.
        deviations: The standard deviation of each.
    """

    step: str
    means: tuple[float, ...]
    deviations: tuple[float, ...]


@dataclass(frozen=True)
class DataReport(Shown):
    """What is in a data set.

    Attributes:
        source: The source's name.
        shape: The shape of a sample.
        streamed: Whether samples are read as they are needed.
        unit: What one unit of a radius is.
        class_names: The classes; empty for numbers to predict.
        targets: The least and the greatest number to predict; None for classes.
        target_means: The mean of each number to predict in the training part.
        target_deviations: The standard deviation of each.
        parts: Training, validation where there is one, test.
        inputs: What each number of a sample is called; empty where they have no names.
        columns: The columns of a table; empty for other inputs.
        mixed: What is mixed into the training; None where nothing is.
        drawn_by: What parts were drawn by; None where each sample was drawn for itself.
        duplicates: Equal samples; pairs of parts without any are left out.
        near_duplicates: Samples that are nearly those of another part.
        distances: Between the classes; None for numbers to predict.
        limits: For each radius of the config what can be certified at most; empty for numbers to predict.
        preprocessing: The constant of the preprocessing after it has been fitted.
        fitted: What its steps found.
        class_weights: The weight of each class, if they are weighted.
    """

    source: str
    shape: tuple[int, ...]
    streamed: bool
    unit: str
    class_names: tuple[str, ...]
    targets: tuple[float, float] | None
    target_means: tuple[float, ...]
    target_deviations: tuple[float, ...]
    parts: tuple[PartReport, ...]
    inputs: tuple[str, ...]
    columns: tuple[ColumnReport, ...]
    mixed: MixedReport | None
    drawn_by: DrawnBy | None
    duplicates: tuple[Duplicates, ...]
    near_duplicates: tuple[NearDuplicates, ...]
    distances: Distances | None
    limits: tuple[Limit, ...]
    preprocessing: float
    fitted: tuple[Deviations, ...]
    class_weights: tuple[float, ...]

    @property
    def wanting(self) -> tuple[str, ...]:
        """What has to be mended before anything can be learnt from it, in words."""
        found = [
            f"{part.broken} of {part.samples} samples of the {part.name} part hold NaN or infinite values"
            for part in self.parts
            if part.broken
        ]
        missing = [name for name, count in zip(self.class_names, self.parts[0].per_class) if not count]
        if missing:
            found.append(f"the training part has no sample of the class `{'`, `'.join(missing[:5])}`")
        return tuple(found)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is hardly meant so, in words."""
        count = self.parts[0].samples
        return tuple(
            f"the column `{column.name}` is missing in {column.missing:,} of {count:,} samples of the training part: "
            "leave it out by `ignore`"
            for column in self.columns
            if column.missing >= _ALMOST_ALL * max(count, 1)
        )

    def as_json(self) -> dict[str, Any]:
        """As a JSON value, which has no infinity: an unknown constant of the preprocessing is null."""
        known = self.preprocessing if math.isfinite(self.preprocessing) else None
        return {
            **asdict(self),
            "preprocessing": known,
            "wanting": list(self.wanting),
            "remarks": list(self.remarks),
        }
