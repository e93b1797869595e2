from pydantic import Field

from lipbuild.config.pruners.median import Median


class Percentile(Median):
    """Gives a trial up whose best epoch so far is not among the best of the others at the same epoch."""

    percentile: float = Field(
        25.0, gt=0, lt=100, description="The share of trials that is kept, in per cent."
    )
