from pydantic import Field

from lipbuild.config.optimizers.optimizer import LearningRate, OptimizerSpec, Share


class Lion(OptimizerSpec):
    """Steps by the sign of a running mean (Chen et al. 2023)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay in the step.")
    beta_2: Share = Field(0.99, description="The decay of the mean.")
