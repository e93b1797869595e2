from collections.abc import Sequence

from lipbuild.fields.strict import Strict
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import LayerSpec


class PreprocessSpec(Strict):
    """One step of the preprocessing, which becomes the first layers of the network.

    It is unfolded into layers that certificates and exports know anyhow, so that its constant is proved like
    that of any other layer, and whatever is exported takes the data as it is.
    """

    @property
    def kind(self) -> str:
        """The step's name in a config."""
        return type(self).__name__

    @property
    def is_fitted(self) -> bool:
        """Whether all that it takes from the training data is there."""
        return True

    @property
    def is_bounded(self) -> bool:
        """Whether its constant is known before anything is taken from the training data."""
        return True

    def unfold(self, shape: Shape) -> Sequence[LayerSpec]:
        """The layers, in a row, that do this.

        Args:
            shape: The shape of one sample before it.

        Raises:
            ShapeError: It cannot take this shape.
        """
        raise NotImplementedError
