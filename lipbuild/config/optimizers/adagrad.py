from pydantic import Field

from lipbuild.config.optimizers.optimizer import LearningRate, OptimizerSpec


class Adagrad(OptimizerSpec):
    """Steps divided by the root of the sum of squares of the gradient so far (Duchi et al. 2011)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    initial_accumulator_value: float = Field(0.1, ge=0, description="What the sum starts from.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
