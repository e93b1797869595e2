"""Optimisers under Keras's names."""

from pydantic import Field

from lipbuild.config.choices import OptimizerSpec
from lipbuild.config.optimizers import LearningRate, LookaheadSpec, Share


class RMSprop(OptimizerSpec):
    """Steps divided by a running root mean square of the gradient."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    rho: Share = Field(0.9, description="The decay of the running mean.")
    momentum: Share = Field(0.0, description="The share of the last step that is kept.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")
    centered: bool = Field(False, description="Whether the gradient's mean is taken off.")


class Nadam(LookaheadSpec):
    """Adam with Nesterov's momentum."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")


class Adamax(OptimizerSpec):
    """Adam with the greatest gradient in place of the mean square."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the greatest gradient.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")


class Adagrad(OptimizerSpec):
    """Steps divided by the root of the sum of squares of the gradient so far (Duchi et al. 2011)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    initial_accumulator_value: float = Field(0.1, ge=0, description="What the sum starts from.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")


class Lamb(OptimizerSpec):
    """Adam with a step in proportion to each weight's norm, for large batches (You et al. 2020)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay of the mean.")
    beta_2: Share = Field(0.999, description="The decay of the mean square.")
    epsilon: float = Field(1e-7, gt=0, description="Keeps the division finite.")


class Lion(OptimizerSpec):
    """Steps by the sign of a running mean (Chen et al. 2023)."""

    learning_rate: LearningRate = Field(0.001, description="The step, or a schedule.")
    beta_1: Share = Field(0.9, description="The decay in the step.")
    beta_2: Share = Field(0.99, description="The decay of the mean.")
