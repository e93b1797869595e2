"""Metrics besides those that lipbuild always shows, under Keras's and deel-lip's names."""

from typing import Any, ClassVar

from pydantic import Field

from lipbuild.spec.losses.loss import Task
from lipbuild.spec.strict import Strict


class MetricSpec(Strict):
    """What a config says of one metric.

    Attributes:
        tasks: The tasks that it measures.
    """

    tasks: ClassVar[tuple[Task, ...]]
    # Whether the metric turns margins into radii, and so has the network's constant filled in.
    takes_constant: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """The metric's name in a config."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras metric."""
        return {field: getattr(self, field) for field in type(self).model_fields}


class TopKCategoricalAccuracy(MetricSpec):
    """How often the label is among the k greatest logits."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)

    k: int = Field(5, ge=1, description="How many logits count.")


class MeanAbsoluteError(MetricSpec):
    """E |y − f|."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)


class MeanSquaredError(MetricSpec):
    """E (y − f)²."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)


class RootMeanSquaredError(MetricSpec):
    """√E (y − f)²."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)


class CategoricalProvableAvgRobustness(MetricSpec):
    """The mean certified radius, margin/(√2·L): 0 where the prediction is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong predictions count with their negative margin instead of 0."
    )


class BinaryProvableAvgRobustness(MetricSpec):
    """The mean certified radius, |f|/L: 0 where the sign is wrong."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
    takes_constant: ClassVar[bool] = True

    negative_robustness: bool = Field(
        False, description="Whether wrong signs count with −|f|/L instead of 0."
    )


class KR(MetricSpec):
    """E₊ f − E₋ f: the Wasserstein distance of the two classes as the network sees it, to be large."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)


class MulticlassKR(MetricSpec):
    """`KR` of each class against the rest, the mean over the classes."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)


METRICS: dict[str, type[MetricSpec]] = {
    cls.__name__: cls
    for cls in (
        TopKCategoricalAccuracy,
        CategoricalProvableAvgRobustness,
        BinaryProvableAvgRobustness,
        KR,
        MulticlassKR,
        MeanAbsoluteError,
        MeanSquaredError,
        RootMeanSquaredError,
    )
}
