from typing import Any, ClassVar

from lipbuild.config.losses.loss import Task
from lipbuild.fields.strict import Strict


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

    @property
    def column(self) -> str:
        """What it is called in `metrics.csv`: Keras's name of a metric of Keras's, else its own."""
        return self.kind

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras metric."""
        return {field: getattr(self, field) for field in type(self).model_fields}
