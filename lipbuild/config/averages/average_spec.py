from typing import ClassVar

from lipbuild.fields.strict import Strict


class AverageSpec(Strict):
    """What a config says of the average of the weights.

    Attributes:
        each_step: Whether weights are taken after each step, rather than after each epoch.
    """

    each_step: ClassVar[bool]

    @property
    def keeps(self) -> float:
        """The share of the average that one set of weights leaves as it is, in the long run."""
        raise NotImplementedError

    def first_epoch(self, epochs: int) -> int:
        """The epoch, from 0, whose weights are the first to be taken."""
        return 0

    def spans_training(self) -> bool:
        """Whether it depends on how many epochs there are."""
        return False
