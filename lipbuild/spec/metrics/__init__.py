"""Metrics besides those that lipbuild always shows, under Keras's names."""

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


METRICS: dict[str, type[MetricSpec]] = {
    cls.__name__: cls
    for cls in (TopKCategoricalAccuracy, MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError)
}
