from pydantic import Field

from lipbuild.config.pruners.pruner import PrunerSpec


class Median(PrunerSpec):
    """Gives a trial up whose best epoch so far is worse than the median of the others at the same epoch."""

    n_startup_trials: int = Field(5, ge=0, description="How many trials have to end before any is given up.")
    n_warmup_steps: int = Field(0, ge=0, description="How many epochs each trial has in any case.")
    interval_steps: int = Field(1, ge=1, description="How many epochs lie between two looks.")
