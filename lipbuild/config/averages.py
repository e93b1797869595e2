"""Averages of weights over the training."""

from pydantic import Field

from lipbuild.config.choices import AverageSpec


class EMA(AverageSpec):
    """The exponential moving average of the weights after each step (Polyak & Juditsky 1992)."""

    each_step = True

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


class SWA(AverageSpec):
    """The plain average of the weights after each epoch, late in the training (Izmailov et al. 2018)."""

    each_step = False

    start_epoch: int | None = Field(
        None,
        ge=0,
        description="The epoch after which weights are averaged. Default: three quarters of all epochs.",
    )

    @property
    def keeps(self) -> float:
        """All of it: the share of a new set of weights falls as 1/n."""
        return 1.0

    def first_epoch(self, epochs: int) -> int:
        """The epoch after `start_epoch` others, the last one at the latest."""
        start = self.start_epoch if self.start_epoch is not None else epochs * 3 // 4
        return min(start, epochs - 1)

    def spans_training(self) -> bool:
        """Where the start is left out."""
        return self.start_epoch is None
