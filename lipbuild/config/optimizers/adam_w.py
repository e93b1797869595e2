from pydantic import Field

from lipbuild.config.optimizers.adam import Adam


class AdamW(Adam):
    """Adam with decoupled weight decay."""

    weight_decay: float | None = Field(
        0.004, ge=0, description="Decay of the weights; constrained kernels keep their norm all the same."
    )
