from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class PartValue(Value):
    """One part of the data. The figures are of its samples without NaN or infinite values."""

    name: Literal["training", "validation", "test"] = Field(description="Which part.")
    samples: int = Field(description="How many samples it has.")
    broken: int = Field(description="How many of them hold NaN or infinite values.")
    least: float | None = Field(description="The least value.")
    greatest: float | None = Field(description="The greatest.")
    mean: float | None = Field(description="The mean of all values.")
    deviation: float | None = Field(description="Their standard deviation.")
    per_class: list[int] = Field(description="The samples of each class; empty for numbers to predict.")


class ColumnValue(Value):
    """A column of a table in the training part, its missing cells filled. The figures of text are null."""

    name: str = Field(description="Its name.")
    missing: int = Field(description="How many of its cells were missing.")
    categories: int = Field(description="How many values a column of text has; 0 for numbers.")
    least: float | None = Field(description="The least number.")
    greatest: float | None = Field(description="The greatest.")
    mean: float | None = Field(description="The mean.")
    median: float | None = Field(description="The median.")
    deviation: float | None = Field(description="The standard deviation.")


class DrawnValue(Value):
    """A part that was drawn by groups or by time."""

    name: str = Field(description="`validation` or `test`.")
    asked: float = Field(description="The share asked for.")
    reached: float = Field(description="The share that whole groups have come to.")


class DrawnByValue(Value):
    """What parts were drawn by."""

    key: str = Field(description="`group` or `time`.")
    name: str = Field(description="The column, the array or the pattern.")
    values: list[int] = Field(description="How many groups or times each part has.")
    parts: list[str] = Field(description="The parts, in the same order.")
    drawn: list[DrawnValue] = Field(description="The shares.")


class DuplicatesValue(Value):
    """Samples that are equal to the last bit."""

    parts: list[str] = Field(description="The two parts, or one part twice.")
    samples: int = Field(description="How many of the second are in the first.")
    contradictory: int = Field(description="How many of them have another label there.")


class NearDuplicatesValue(Value):
    """Samples of one part that are nearly those of another."""

    parts: list[str] = Field(description="The two parts.")
    samples: int = Field(description="How many of the second that were compared are nearly in the first.")
    compared: int = Field(description="How many of the second were compared.")
    others: int = Field(description="With how many of the first.")


class DistancesValue(Value):
    """How far samples are from the nearest one of another class, L2."""

    samples: int = Field(description="How many samples were compared.")
    least: float = Field(description="The least distance.")
    percentiles: dict[str, float] = Field(description="The distance below which this percentage lies.")


class LimitValue(Value):
    """What any network certifies at most."""

    radius: float = Field(description="The radius.")
    pairs: int = Field(
        description="Disjoint pairs of different classes that are less than twice the radius apart."
    )
    samples: int = Field(description="The test samples. At most `samples - pairs` of them can be certified.")


class FittedValue(Value):
    """What a step of the preprocessing found in the training part."""

    step: str = Field(description="Its name.")
    means: list[float] = Field(description="The mean of each value of the last axis, or of all.")
    deviations: list[float] = Field(description="The standard deviation of each.")


class MixedValue(Value):
    """What is mixed into the training from a second source."""

    source: str = Field(description="The name of the source.")
    share: float = Field(description="Its share of each batch.")
    samples: int = Field(description="The number of its samples.")
    left_out: int = Field(
        description="How many more are equal to a sample of the validation or the test part."
    )


class DataOutput(Output):
    """Printed by `lipbuild data`."""

    format: Literal["lipbuild.data"]
    version: Literal[1]
    source: str = Field(description="The name of the source.")
    shape: list[int] = Field(description="The shape of a sample.")
    streamed: bool = Field(description="Whether samples are read as they are needed.")
    unit: str = Field(description="What one unit of a radius is.")
    class_names: list[str] = Field(description="The classes; empty for numbers to predict.")
    targets: list[float] | None = Field(description="The least and the greatest number to predict.")
    target_means: list[float] = Field(description="The mean of each number to predict.")
    target_deviations: list[float] = Field(description="The standard deviation of each.")
    parts: list[PartValue] = Field(
        description="The training part, the validation part if any, the test part."
    )
    inputs: list[str] = Field(description="What each number of a sample is called.")
    columns: list[ColumnValue] = Field(description="The columns of a table.")
    mixed: MixedValue | None = Field(description="What is mixed into the training.")
    drawn_by: DrawnByValue | None = Field(description="What parts were drawn by, other than single samples.")
    duplicates: list[DuplicatesValue] = Field(description="Equal samples.")
    near_duplicates: list[NearDuplicatesValue] = Field(description="Nearly equal samples.")
    distances: DistancesValue | None = Field(description="Between classes.")
    limits: list[LimitValue] = Field(description="For each radius of the config.")
    preprocessing: float | None = Field(description="The constant of the preprocessing, L2; null if unknown.")
    fitted: list[FittedValue] = Field(description="What the preprocessing learnt.")
    class_weights: list[float] = Field(description="The weight of each class, if they are weighted.")
    wanting: list[str] = Field(description="What must be fixed first. The exit status is 1 if there is any.")
    remarks: list[str] = Field(description="What is hardly meant so.")
