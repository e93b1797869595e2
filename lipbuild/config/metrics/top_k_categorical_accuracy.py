from typing import ClassVar

from pydantic import Field

from lipbuild.config.losses.loss import Task
from lipbuild.config.metrics.metric import MetricSpec


class TopKCategoricalAccuracy(MetricSpec):
    """How often the label is among the k greatest logits."""

    tasks: ClassVar[tuple[Task, ...]] = ("multiclass",)

    k: int = Field(5, ge=1, description="How many logits count.")

    @property
    def column(self) -> str:
        """Keras's name."""
        return "top_k_categorical_accuracy"
