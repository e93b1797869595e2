from pydantic import Field

from lipbuild.config.optimizers.optimizer import LearningRate, OptimizerSpec, Share


class SGD(OptimizerSpec):
    """Gradient descent, with momentum."""

    learning_rate: LearningRate = Field(0.01, description="The step, or a schedule.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    nesterov: bool = Field(False, description="Whether the momentum looks ahead.")
