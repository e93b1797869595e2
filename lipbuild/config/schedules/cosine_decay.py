from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec


class CosineDecay(ScheduleSpec):
    """Half a cosine from the initial rate down to alpha times it, after an optional warm-up."""

    initial_learning_rate: float = Field(ge=0, description="The rate at the start.")
    decay_steps: int | None = Field(
        None, ge=1, description="The number of steps it takes; all that are left where left out."
    )
    alpha: float = Field(0.0, ge=0, description="The least rate, as a share of the initial one.")
    warmup_target: float | None = Field(None, gt=0, description="The rate at the end of the warm-up.")
    warmup_steps: int = Field(0, ge=0, description="The number of steps of the warm-up.")
