from __future__ import annotations

from lipbuild.data.part import Part
from lipbuild.training.distribution.distribution import Distribution
from lipbuild.training.feeds.feed import Feed
from lipbuild.training.feeds.resident import ResidentFeed
from lipbuild.training.feeds.streamed import StreamedFeed

# Up to so many bytes of inputs lie where they are used; they lie there twice, besides the data set's own.
_RESIDENT = 2**27


def choose_feed(
    part: Part, batch_size: int, epochs: int, distribution: Distribution, seed: int | None = None
) -> Feed:
    """The feed for a part of the data. Both kinds give the same batches.

    Args:
        part: The samples.
        batch_size: The number of samples of a batch, over all processes.
        epochs: The number of epochs.
        distribution: Which slices of a batch are wanted.
        seed: What the order and the augmentation are drawn with; the part's own order where left out.
    """
    fits = part.in_memory and part.augmentation is None and distribution.replicas == 1
    if fits and part.mixed is None and part.x.nbytes <= _RESIDENT:
        return ResidentFeed(part, batch_size, seed)
    return StreamedFeed(part, batch_size, epochs, distribution, seed)
