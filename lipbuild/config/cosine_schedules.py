"""The schedules that fall as half a cosine, under Keras's names."""

from pydantic import Field

from lipbuild.config.choices import ScheduleSpec
from lipbuild.fields.misfit import Way


class CosineDecay(ScheduleSpec):
    """Half a cosine from the initial rate down to alpha times it, after an optional warm-up."""

    initial_learning_rate: float = Field(ge=0, description="The rate at the start.")
    decay_steps: int | None = Field(
        None, ge=1, description="The number of steps. Default: all remaining steps."
    )
    alpha: float = Field(0.0, ge=0, description="The least rate, as a share of the initial one.")
    warmup_target: float | None = Field(None, gt=0, description="The rate at the end of the warm-up.")
    warmup_steps: int = Field(0, ge=0, description="The number of steps of the warm-up.")

    amounts = ("initial_learning_rate", "warmup_target")

    def extremes(self) -> list[tuple[Way, float]]:
        """With the value at the end."""
        top = self.initial_learning_rate if self.warmup_target is None else self.warmup_target
        return [*super().extremes(), (("alpha",), self.alpha * top)]


class CosineDecayRestarts(ScheduleSpec):
    """Half cosines one after the other, each from the top again (Loshchilov & Hutter 2017)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    first_decay_steps: int = Field(ge=1, description="The number of steps of the first cosine.")
    t_mul: float = Field(2.0, ge=1, description="How many times as long each next one is.")
    m_mul: float = Field(1.0, gt=0, description="What its first rate is multiplied by.")
    alpha: float = Field(0.0, ge=0, description="The least rate, as a share of the initial one.")

    def extremes(self) -> list[tuple[Way, float]]:
        """With the least of the first cosine."""
        return [*super().extremes(), (("alpha",), self.alpha * self.initial_learning_rate)]
