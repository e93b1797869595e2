from pydantic import Field

from lipbuild.config.optimizers.optimizer import LearningRate, OptimizerSpec, Share


class RMSprop(OptimizerSpec):
    """Steps divided by a running root mean square of the gradient."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    rho: Share = Field(0.9, description="The decay of the running mean.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
    centered: bool = Field(False, description="Whether the gradient's mean is taken off.")
