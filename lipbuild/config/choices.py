"""What a config chooses by name, a section each: what all choices have in common, and the names.

The choices themselves are in the files of their sections, each loaded when a config names one.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator

from lipbuild.fields.misfit import Way, misfit
from lipbuild.fields.registry import Registry
from lipbuild.fields.strict import Strict

if TYPE_CHECKING:
    from lipbuild.network.graph import Graph

Task = Literal["multiclass", "binary", "regression"]
Labels = Literal["onehot", "index", "zero_one", "sign", "value"]


class ChosenSpec(Strict):
    """What is chosen by a name, which has its arguments beside it.

    Attributes:
        keras_class: The Keras class as `module:name`, of a loss or a metric that a package brings.
    """

    keras_class: ClassVar[str] = ""

    @property
    def kind(self) -> str:
        """The name in a config."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments of what it stands for, as they stand here."""
        return {field: getattr(self, field) for field in type(self).model_fields}


class LossSpec(ChosenSpec):
    """What a config says of its loss.

    Attributes:
        task: What the network learns: one output a class, one output for two classes, or numbers.
        labels: How the loss wants its labels; lipbuild encodes the data's so.
        takes_constant: Whether its `lip_const` is the network's where left out.
        takes_head: Whether it reads the network's last layer.
        classifies: Whether it says where one class ends and another begins; of a regression it is true too.
        temperature_divides: Whether the logits are divided by its `temperature`, if it has one, and not multiplied.
    """

    task: ClassVar[Task]
    labels: ClassVar[Labels]
    takes_constant: ClassVar[bool] = False
    takes_head: ClassVar[bool] = False
    classifies: ClassVar[bool] = True
    temperature_divides: ClassVar[bool] = True

    @property
    def keras_name(self) -> str:
        """The class that it stands for."""
        return self.kind

    @model_validator(mode="after")
    def _schedules_stay_in_range(self) -> "LossSpec":
        for name, schedule in self.scheduled().items():
            # Few losses have a schedule, so that few configs load what explains a value.
            from lipbuild.config.invalid import wrong_with

            for way, value in schedule.extremes():
                for wrong in wrong_with(type(self), name, value):
                    message = f"`{name}` {wrong.message}, and this schedule makes it {value:g}"
                    raise misfit(message, (name, schedule.kind, *way))
        return self

    def scheduled(self) -> "dict[str, ScheduleSpec]":
        """The parameters that change over the steps."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in found if isinstance(value, ScheduleSpec)}

    def driven(self, constant: float) -> "dict[str, ScheduleSpec]":
        """What of the Keras loss changes over the steps, on a network of some constant."""
        return self.scheduled()

    def for_radii(self, radii: Sequence[float]) -> "LossSpec":
        """The loss for a config that certifies some radii, where it would else ask for a margin of its own."""
        return self

    def constant_of(self, graph: "Graph") -> float:
        """The constant of a network by which the loss turns a radius into a margin.

        Args:
            graph: The network.
        """
        return graph.margin_bound / math.sqrt(2.0) if self.task == "multiclass" else graph.bound

    def on(self, graph: "Graph") -> "LossSpec":
        """The loss with the numbers that follow from a network where it leaves them out."""
        return self.for_constant(self.constant_of(graph))

    def for_constant(self, constant: float) -> "LossSpec":
        """The same for a network of some constant."""
        return self


LOSSES: Registry[LossSpec] = Registry(
    "lipbuild.config",
    {
        "TauCategoricalCrossentropy": "losses",
        "TauSparseCategoricalCrossentropy": "losses",
        "TauBinaryCrossentropy": "losses",
        "OffsetCrossentropy": "radius_losses",
        "LogitAnnealing": "radius_losses",
        "EMMA": "pairwise_losses",
        "AnnealedEMMA": "pairwise_losses",
        "TRADES": "pairwise_losses",
        "RadiusCrossentropy": "pairwise_losses",
        "KR": "margin_losses",
        "HKR": "margin_losses",
        "MulticlassHKR": "margin_losses",
        "HingeMargin": "margin_losses",
        "MulticlassHinge": "margin_losses",
        "MulticlassSoftHKR": "margin_losses",
        "LseHKR": "margin_losses",
        "MultiMargin": "margin_losses",
        "CategoricalHinge": "margin_losses",
        "CategoricalCrossentropy": "keras_losses",
        "SparseCategoricalCrossentropy": "keras_losses",
        "BinaryCrossentropy": "keras_losses",
        "Hinge": "keras_losses",
        "SquaredHinge": "keras_losses",
        "MeanSquaredError": "keras_losses",
        "MeanAbsoluteError": "keras_losses",
        "Huber": "keras_losses",
        "LogCosh": "keras_losses",
    },
    "losses",
    "lipbuild.config.choices:LossSpec",
)


class ScheduleSpec(ChosenSpec):
    """What a config says of a learning rate, or a parameter of the loss, that changes over the steps.

    Attributes:
        amounts: Its arguments that are values of what changes, or lists of them.
    """

    amounts: ClassVar[tuple[str, ...]] = ("initial_learning_rate",)

    def extremes(self) -> list[tuple[Way, float]]:
        """The values that it starts from, turns at and ends in, each with the way to the argument that says it.

        It stays between them, but for what changes without an end, such as an `ExponentialDecay`.
        """
        found: list[tuple[Way, float]] = []
        for name in self.amounts:
            value = getattr(self, name)
            if isinstance(value, ScheduleSpec):
                found += [((name, value.kind, *way), inner) for way, inner in value.extremes()]
            elif isinstance(value, list):
                found += [((name, index), item) for index, item in enumerate(value)]
            elif value is not None:
                found.append(((name,), value))
        return found

    def scaled(self, factor: float) -> "ScheduleSpec":
        """The same schedule of another number, that many times as great."""
        changes: dict[str, Any] = {}
        for name in self.amounts:
            value = getattr(self, name)
            if isinstance(value, ScheduleSpec):
                changes[name] = value.scaled(factor)
            elif isinstance(value, list):
                changes[name] = [item * factor for item in value]
            elif value is not None:
                changes[name] = value * factor
        return self.model_copy(update=changes)

    def spans_training(self) -> bool:
        """Whether it depends on how many epochs there are."""
        return "decay_steps" in type(self).model_fields and self.arguments()["decay_steps"] is None


def greatest(value: "float | ScheduleSpec") -> float:
    """The greatest value of a number that a schedule may change."""
    return max(found for _, found in value.extremes()) if isinstance(value, ScheduleSpec) else value


SCHEDULES: Registry[ScheduleSpec] = Registry(
    "lipbuild.config",
    {
        "ExponentialDecay": "schedules",
        "CosineDecay": "cosine_schedules",
        "CosineDecayRestarts": "cosine_schedules",
        "PolynomialDecay": "schedules",
        "InverseTimeDecay": "schedules",
        "PiecewiseConstantDecay": "schedules",
        "StepDecay": "schedules",
        "WarmUp": "schedules",
        "Ramp": "schedules",
    },
)


class OptimizerSpec(ChosenSpec):
    """What a config says of its optimiser: the arguments that all of them have."""

    weight_decay: float | None = Field(
        None, ge=0, description="Decay of the weights; constrained kernels keep their norm all the same."
    )
    clipnorm: float | None = Field(None, gt=0, description="The greatest norm of each weight's gradient.")
    clipvalue: float | None = Field(None, gt=0, description="The greatest value in a gradient.")
    global_clipnorm: float | None = Field(
        None, gt=0, description="The greatest norm of all gradients together."
    )


OPTIMIZERS: Registry[OptimizerSpec] = Registry(
    "lipbuild.config",
    {
        "SGD": "optimizers",
        "RMSprop": "other_optimizers",
        "Adam": "optimizers",
        "AdamW": "optimizers",
        "RiemannianAdam": "optimizers",
        "RiemannianMuon": "optimizers",
        "Nadam": "other_optimizers",
        "Adamax": "other_optimizers",
        "Adagrad": "other_optimizers",
        "Lamb": "other_optimizers",
        "Lion": "other_optimizers",
    },
)


class MetricSpec(ChosenSpec):
    """What a config says of one metric.

    Attributes:
        tasks: The tasks that it measures.
    """

    tasks: ClassVar[tuple[Task, ...]]
    # Whether the metric turns margins into radii, and so has the network's constant filled in.
    takes_constant: ClassVar[bool] = False

    @property
    def column(self) -> str:
        """What it is called in `metrics.csv`: Keras's name of a metric of Keras's, else its own."""
        return self.kind


METRICS: Registry[MetricSpec] = Registry(
    "lipbuild.config",
    dict.fromkeys(
        (
            "TopKCategoricalAccuracy",
            "MeanAbsoluteError",
            "MeanSquaredError",
            "RootMeanSquaredError",
            "CategoricalProvableAvgRobustness",
            "BinaryProvableAvgRobustness",
            "KR",
            "MulticlassKR",
        ),
        "metrics",
    ),
    "metrics",
    "lipbuild.config.choices:MetricSpec",
)


class AugmentSpec(ChosenSpec):
    """One way in which a sample of the training part is changed at random, its shape kept.

    Attributes:
        images_only: Whether it needs images (height × width × channels).
        channels: How many channels they must have, if it matters.
        mixes: Whether a sample becomes a mixture of two, and its label too.
    """

    images_only: ClassVar[bool] = True
    channels: ClassVar[int | None] = None
    mixes: ClassVar[bool] = False


AUGMENTATION: Registry[AugmentSpec] = Registry(
    "lipbuild.config",
    dict.fromkeys(
        (
            "RandomFlip",
            "RandomCrop",
            "RandomTranslation",
            "RandomErasing",
            "RandAugment",
            "GaussianNoise",
            "MixUp",
        ),
        "augmentation",
    ),
)


class AverageSpec(Strict):
    """What a config says of the average of the weights.

    Attributes:
        each_step: Whether weights are taken after each step, rather than after each epoch.
    """

    each_step: ClassVar[bool]

    @property
    def keeps(self) -> float:
        """The share of the average that one set of weights leaves as it is, in the long run."""
        raise NotImplementedError

    def first_epoch(self, epochs: int) -> int:
        """The epoch, from 0, whose weights are the first to be taken."""
        return 0

    def spans_training(self) -> bool:
        """Whether it depends on how many epochs there are."""
        return False


AVERAGES: Registry[AverageSpec] = Registry("lipbuild.config", dict.fromkeys(("EMA", "SWA"), "averages"))


class ObjectiveSpec(Strict):
    """What a sweep looks for: a figure of a trained network, and whether more of it is better.

    Attributes:
        kind: The name in a config.
        maximized: Whether more is better.
        tasks: The tasks for which it can be measured.
        certified: Whether it rests on a certificate.
    """

    kind: ClassVar[str]
    maximized: ClassVar[bool] = True
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary")
    certified: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """What it is called in tables, and by `--pick`."""
        return self.kind

    @property
    def column(self) -> str | None:
        """The column of `metrics.csv` that shows it as the training goes; None where none does."""
        return None

    @property
    def radii(self) -> tuple[float, ...]:
        """The radii at which it is measured."""
        return ()

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """Its value, None where it is not stated.

        Args:
            figures: An evaluation as it is written to `evaluation.json`, and `parameters`.
        """
        found = figures[self.kind]
        return None if found is None else float(found)


OBJECTIVES: Registry[ObjectiveSpec] = Registry(
    "lipbuild.config",
    {
        "accuracy": "objectives.Accuracy",
        "certified_accuracy": "objectives.CertifiedAccuracy",
        "average_certified_radius": "objectives.AverageCertifiedRadius",
        "mean_absolute_error": "objectives.MeanAbsoluteError",
        "root_mean_squared_error": "objectives.RootMeanSquaredError",
        "parameters": "objectives.Parameters",
    },
)


class PrunerSpec(Strict):
    """When a trial is ended before its last epoch. Optuna's steps are epochs here."""

    @property
    def kind(self) -> str:
        """The pruner's name in a config."""
        return type(self).__name__

    def arguments(self, epochs: int) -> dict[str, Any]:
        """The arguments of Optuna's pruner.

        Args:
            epochs: The number of epochs of a trial.
        """
        return {field: getattr(self, field) for field in type(self).model_fields}


PRUNERS: Registry[PrunerSpec] = Registry(
    "lipbuild.config", dict.fromkeys(("Median", "Percentile", "SuccessiveHalving", "Hyperband"), "pruners")
)


class SamplerSpec(ChosenSpec):
    """How a sweep chooses what it tries."""

    seed: int = Field(0, ge=0, lt=2**32, description="What its choices are drawn with.")

    def arguments(self) -> dict[str, Any]:
        """The arguments of Optuna's sampler besides its seed."""
        return {name: value for name, value in super().arguments().items() if name != "seed"}


SAMPLERS: Registry[SamplerSpec] = Registry(
    "lipbuild.config", dict.fromkeys(("TPE", "NSGAII", "Random", "Grid"), "samplers")
)
