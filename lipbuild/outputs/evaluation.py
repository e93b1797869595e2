from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import AtRadius, Movement, Output, Value, Void


class Constant(Value):
    """A Lipschitz constant."""

    promised: float = Field(description="What the config promises.")
    proved: float | None = Field(description="What is proved from the weights; null where nothing is.")
    norm: Literal["L2"] = Field(description="The norm.")


class MeasuredData(Value):
    """What was measured on."""

    part: Literal["test"] | None = Field(description="The part of the run's data; null for other data.")
    on: str | None = Field(description="The file or the folder of `--on`.")
    digest: str | None = Field(description="The digest of its samples.")
    notes: list[str] = Field(description="What is new, changed or gone.")


class BaselineValue(Value):
    """What a constant answer reaches."""

    class_: str | None = Field(None, alias="class", description="The most frequent class.")
    accuracy: float | None = Field(None, description="The share that it gets right.")
    values: list[float] | None = Field(None, description="The medians, of numbers to predict.")
    mean_absolute_error: float | None = Field(None, description="Its error.")
    is_beaten: bool = Field(description="Whether the network is better.")


class ColumnMovement(Value):
    """How much the outputs change where one column changes alone: by one unit, or from one word to another."""

    name: str = Field(description="The column.")
    unit: str | None = Field(description="Its unit.")
    is_text: bool = Field(description="Whether it is one of text.")
    least: list[float] = Field(
        description="For each output the least change by one unit or another word, proved."
    )
    greatest: list[float] = Field(description="For each output the greatest one, proved.")
    measured: list[float] = Field(description="For each output the largest size of a change on test samples.")
    moves_at_most: float = Field(description="How far any output moves by one unit or another word.")
    moved: float = Field(description="How far one was found to move.")
    direction: Literal["never falls", "never rises"] | None = Field(
        description="What is proved of all outputs as the column grows; null where neither is."
    )


class ToleranceMovement(Value):
    """How far the outputs move within the tolerances."""

    box: list[float] = Field(description="Each output, while each column is off by at most its tolerance.")
    ellipsoid: float = Field(description="All outputs, L2, while ‖(x − x₀)/t‖₂ ≤ 1.")


class ToleranceValue(Value):
    """What holds while columns stay within `certify.tolerance`."""

    columns: dict[str, float] = Field(description="By how much each column may be off.")
    held_fixed: list[str] = Field(description="The other columns.")
    output_moves_at_most: ToleranceMovement = Field(description="How far the outputs move.")
    certified_accuracy: float | None = Field(
        None, description="Of classes: the share that is right and whose class cannot change in the box."
    )


class Meanings(Value):
    """What a radius says, by its semantics."""

    real: str = Field(description="Of the function in exact arithmetic.")
    float32: str = Field(description="Of the network as it is served.")
    guarded: str = Field(description="Of the network behind a guard.")


class Semantics(Value):
    """What the radii are."""

    stated: Literal["real"] = Field(description="Those of `certified_accuracy`.")
    meanings: Meanings = Field(description="In words.")


class Float32(Value):
    """The same for the network as it is served in float32."""

    certified_accuracy: list[AtRadius] = Field(description="Certified accuracy.")
    average_certified_radius: float | None = Field(description="The mean radius, 0 where wrong.")


class GuardValue(Value):
    """What a guard makes of the answers."""

    accuracy: float = Field(description="The share that is served the right label.")
    recomputed: int = Field(description="Samples that float32 cannot decide.")
    abstained: int = Field(description="Samples that float64 cannot decide either.")


class ServingValue(Value):
    """What rounding does."""

    float32_error_at_most: float | None = Field(description="A proved bound.")
    float32_error_seen: float | None = Field(description="The largest difference from float64.")
    float64_error_at_most: float | None = Field(description="A proved bound.")
    labels_changed_by_float32: int = Field(description="How many labels differ.")
    guard: GuardValue = Field(description="Behind a guard.")


class ClassValue(Value):
    """One class."""

    name: str = Field(description="Its name.")
    samples: int = Field(description="Its samples.")
    accuracy: float | None = Field(description="The share that is right.")
    certified_accuracy: list[AtRadius] = Field(description="Certified accuracy.")
    average_certified_radius: float | None = Field(description="The mean radius, 0 where wrong.")
    average_targeted_radii: list[float | None] = Field(description="The mean radius towards each class.")


class Confusion(Value):
    """Which class is taken for which."""

    classes: list[str] = Field(description="The classes.")
    counts: list[list[int]] = Field(description="A row a true class, a column a predicted one.")


class BinValue(Value):
    """Samples of similar margins."""

    margin: list[float] = Field(description="The least and the greatest margin.")
    samples: int = Field(description="How many.")
    accuracy: float = Field(description="The share that is right.")


class CalibrationValue(Value):
    """What a margin says of being right."""

    bins: list[BinValue] = Field(description="The samples by their margins.")
    auroc: float | None = Field(description="How well margins tell right from wrong.")
    scale: float = Field(description="The factor of the logits that makes the labels likeliest.")
    expected_calibration_error: float = Field(description="With that factor.")


class DistanceValue(Value):
    """How far the samples of two classes lie apart."""

    positive: str = Field(description="The class whose output is to be large.")
    negative: str = Field(description="The other one.")
    mean_difference: float = Field(description="The mean output of the one less that of the other.")
    wasserstein_1_at_least: float = Field(description="A proved lower bound of their Wasserstein-1 distance.")


class AttackedValue(Value):
    """Certified and attacked accuracy of the samples that were attacked."""

    radius: float = Field(description="The radius.")
    certified: float | None = Field(description="Right and certified.")
    attacked: float = Field(description="Right, and no smaller perturbation was found.")


class RatioValue(Value):
    """Distance over certified radius."""

    least: float = Field(description="The least.")
    median: float = Field(description="The median.")


class AttackValue(Value):
    """What attacks found: the first keys for every network, the others for classes or for numbers."""

    methods: list[str] = Field(description="The attacks.")
    samples: int = Field(description="How many samples were attacked.")
    seed: int = Field(description="The seed.")
    steps: int | None = Field(None, description="Steps of refinement.")
    restarts: int | None = Field(None, description="Starts from a random point.")
    found: int | None = Field(None, description="For how many another class was found.")
    accuracy: list[AttackedValue] | None = Field(None, description="By radius.")
    average_distance: float | None = Field(None, description="The mean distance of what was found.")
    distance_over_radius: RatioValue | None = Field(None, description="At least 1 if every radius holds.")
    output_moved: list[Movement] | None = Field(None, description="How far outputs were moved.")


class EvaluationOutput(Output):
    """Printed by `lipbuild evaluate`, and written to `evaluation.json` in the run folder."""

    format: Literal["lipbuild.evaluation"]
    version: Literal[1]
    task: str = Field(description="`binary`, `multiclass` or `regression`.")
    samples: int = Field(description="How many samples.")
    lipschitz: Constant = Field(description="The constant.")
    radius_unit: str = Field(description="What one unit of a radius is.")
    data: MeasuredData = Field(description="What was measured on.")
    void: Void | None = Field(None, description="If the config silences a soundness rule.")
    uncertified: str | None = Field(None, description="Why nothing is certified, if no rule is silenced.")
    baseline: BaselineValue | None = Field(description="What a constant answer reaches.")
    accuracy: float | None = Field(None, description="The share of samples that is right.")
    certified_accuracy: list[AtRadius] | None = Field(None, description="By radius.")
    average_certified_radius: float | None = Field(None, description="The mean radius, 0 where wrong.")
    semantics: Semantics | None = Field(None, description="What the radii are.")
    float32: Float32 | None = Field(None, description="The same as served in float32.")
    curve: list[AtRadius] | None = Field(None, description="Certified accuracy at evenly spaced radii.")
    serving: ServingValue | None = Field(None, description="What rounding does.")
    classes: list[ClassValue] | None = Field(None, description="Each class.")
    confusion: Confusion | None = Field(None, description="Which class is taken for which.")
    calibration: CalibrationValue | None = Field(None, description="What a margin says of being right.")
    distance: DistanceValue | None = Field(None, description="Of two classes; null where nothing is proved.")
    classifies: bool | None = Field(
        None, description="Of two classes: whether the loss says where one ends; `KR` does not."
    )
    mean_absolute_error: float | None = Field(None, description="Of numbers to predict.")
    root_mean_squared_error: float | None = Field(None, description="Of numbers to predict.")
    r_squared: float | None = Field(None, description="Of numbers to predict.")
    output_moves_at_most: list[Movement] | None = Field(None, description="Of numbers to predict.")
    columns: list[ColumnMovement] | None = Field(None, description="Of a table.")
    tolerance: ToleranceValue | None = Field(None, description="If the config has `certify.tolerance`.")
    attack: AttackValue | None = Field(description="What attacks found; null where none was made.")
