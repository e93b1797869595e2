from pydantic import Field

from lipbuild.config.optimizers.optimizer import LearningRate, OptimizerSpec, Share


class Nadam(OptimizerSpec):
    """Adam with Nesterov's momentum."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
