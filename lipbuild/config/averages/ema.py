from typing import ClassVar

from pydantic import Field

from lipbuild.config.averages.average_spec import AverageSpec


class EMA(AverageSpec):
    """The exponential moving average of the weights after each step (Polyak & Juditsky 1992)."""

    each_step: ClassVar[bool] = True

    momentum: float = Field(
        0.99,
        ge=0,
        lt=1,
        description="The share of the average that stays in a step; the plain mean at first.",
    )

    @property
    def keeps(self) -> float:
        """The momentum."""
        return self.momentum
