from typing import ClassVar

from pydantic import Field

from lipbuild.network.specs.centering import CenteringSpec
from lipbuild.network.specs.facts import Facts


class BatchCentering(CenteringSpec):
    """k·(x − running mean) + b: a translation at inference, constant exactly k."""

    facts: ClassVar[Facts] = Facts(
        constant="k",
        exact=True,
        gradient="kept",
        cost="a mean over the batch in training",
        replaces="BatchNormalization",
    )

    momentum: float = Field(0.05, gt=0, le=1, description="The weight of a batch in the running mean.")
