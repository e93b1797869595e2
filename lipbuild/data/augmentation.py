from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lipbuild.data.draws import Draws


class Augmentation(Protocol):
    """Changes a batch at random.

    Attributes:
        mixes: Whether a sample becomes a mixture of several, so that the whole batch is needed.
    """

    mixes: bool

    def __call__(self, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
        """The batch changed, its shapes kept.

        Args:
            x: The inputs, (samples, *shape), in the units of the data.
            y: Their labels as the loss wants them.
            draws: Where random numbers come from.
        """
        ...
