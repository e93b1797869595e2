from pydantic import Field

from lipbuild.config.schedules.schedule import ScheduleSpec


class CosineDecayRestarts(ScheduleSpec):
    """Half cosines one after the other, each from the top again (Loshchilov & Hutter 2017)."""

    initial_learning_rate: float = Field(gt=0, description="The rate at the start.")
    first_decay_steps: int = Field(ge=1, description="The number of steps of the first cosine.")
    t_mul: float = Field(2.0, ge=1, description="How many times as long each next one is.")
    m_mul: float = Field(1.0, gt=0, description="What its first rate is multiplied by.")
    alpha: float = Field(0.0, ge=0, description="The least rate, as a share of the initial one.")
