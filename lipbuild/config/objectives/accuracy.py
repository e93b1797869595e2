from typing import ClassVar

from lipbuild.config.objectives.objective import ObjectiveSpec


class Accuracy(ObjectiveSpec):
    """The share of samples that are right."""

    kind: ClassVar[str] = "accuracy"

    @property
    def column(self) -> str | None:
        """The accuracy of each epoch."""
        return "val_accuracy"
