"""A second source whose samples are mixed into the batches of the training."""

from typing import Annotated

from pydantic import Field

from lipbuild.config.sources import SOURCES, SourceSpec
from lipbuild.fields.choice import Choice
from lipbuild.fields.strict import Strict


class MixSection(Strict):
    """A second source whose samples are mixed into the batches of the training, such as generated images."""

    source: Annotated[SourceSpec, Choice("data source", SOURCES)] = Field(
        description="Where they come from, as in `data.source`. Only its training samples are taken: none of a test or "
        "a validation set that it brings."
    )
    share: float = Field(
        gt=0,
        lt=1,
        description="Their share of each batch. An epoch goes once through the training samples of `data.source`; "
        "those mixed in follow each other from epoch to epoch.",
    )

    def of_batch(self, batch_size: int) -> int:
        """How many samples of a batch are mixed in: the share, to the nearest whole number."""
        return round(self.share * batch_size)
