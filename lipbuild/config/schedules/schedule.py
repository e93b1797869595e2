from typing import Any

from lipbuild.fields.strict import Strict


class ScheduleSpec(Strict):
    """What a config says of a learning rate that changes."""

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras schedule."""
        return {field: getattr(self, field) for field in type(self).model_fields}

    def spans_training(self) -> bool:
        """Whether it depends on how many epochs there are."""
        return "decay_steps" in type(self).model_fields and self.arguments()["decay_steps"] is None
