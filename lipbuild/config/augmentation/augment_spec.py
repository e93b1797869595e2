from typing import ClassVar

from lipbuild.fields.strict import Strict


class AugmentSpec(Strict):
    """One way in which a sample of the training part is changed at random, its shape kept.

    Attributes:
        images_only: Whether it needs images (height × width × channels).
        mixes: Whether a sample becomes a mixture of two, and its label too.
    """

    images_only: ClassVar[bool] = True
    mixes: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """Its name in a config."""
        return type(self).__name__
