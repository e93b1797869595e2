from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lipbuild.config.choices import AugmentSpec

if TYPE_CHECKING:
    from lipbuild.data.draws import Draws


class Augmentation:
    """Changes batches of the training part at random, their shapes kept.

    Args:
        steps: What is done, in this order.

    Attributes:
        mixes: Whether a sample becomes a mixture of several, so that the whole batch is needed.
    """

    def __init__(self, steps: Sequence[AugmentSpec]) -> None:
        self.steps = tuple(steps)
        self.mixes = any(step.mixes for step in steps)

    def __call__(self, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
        """The batch changed.

        Args:
            x: The inputs, (samples, *shape), in the units of the data.
            y: Their labels as the loss wants them.
            draws: Where random numbers come from.
        """
        from lipbuild.data.augment import AUGMENTERS

        for step in self.steps:
            x, y = AUGMENTERS[step.kind](step, x, y, draws)
        return x, y
