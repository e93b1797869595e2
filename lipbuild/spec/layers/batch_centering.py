from lipbuild.spec.field import Field
from lipbuild.spec.layers.centering import CenteringSpec


class BatchCentering(CenteringSpec):
    """k·(x − running mean) + b: a translation at inference, constant exactly k."""

    momentum: float = Field(0.05, gt=0, le=1, description="The weight of a batch in the running mean.")
