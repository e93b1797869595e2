from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from lipbuild.fields.strict import Strict
from lipbuild.network.rounding import mul_up
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.facts import Facts


class LayerSpec(Strict):
    """What a layer of a config says, the shape that it makes and the constant that it has.

    The name of the class is the layer's name in a config. A layer with one input gives `output_shape` and
    `gain`; a merge gives `merged_shape` and `merged_bound`.
    """

    merges: ClassVar[bool] = False
    # Whether the layer can take a share of the network's constant (`k_coef_lip` left out).
    shares_budget: ClassVar[bool] = False
    # Whether nothing in it is still to be taken from the training data.
    is_fitted: ClassVar[bool] = True
    # What the table of layers says of it.
    facts: ClassVar[Facts]

    name: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="The name by which other layers and `outputs` refer to it.",
    )
    inputs: list[str] | None = Field(
        None,
        min_length=1,
        description="The names of the layers that it reads; the layer above where left out.",
    )

    @property
    def kind(self) -> str:
        """The layer's name in a config."""
        return type(self).__name__

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of what a layer with one input makes, without the batch.

        Raises:
            ShapeError: It cannot take this shape.
        """
        raise NotImplementedError

    def gain(self, shape: Shape) -> float:
        """The Lipschitz constant of a layer with one input (L2 to L2), rounded up; infinite where none is known."""
        raise NotImplementedError

    def single_gain(self, shape: Shape) -> float:
        """The constant of each value of the output by itself, at most `gain`."""
        return self.gain(shape)

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape of what a layer makes of its inputs."""
        return self.output_shape(shapes[0])

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """The constant with respect to the network's input, from those of the layer's inputs, rounded up."""
        return mul_up(self.gain(shapes[0]), bounds[0])

    def parameters(self, shape: Shape) -> int:
        """The number of trained weights."""
        return 0

    def fixed_weights(self) -> list[Any]:
        """The values of the layer's weights where they are not trained but follow from the config, as lists."""
        return []

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras layer that is built from this one."""
        return {
            field: getattr(self, field)
            for field in type(self).model_fields
            if field not in ("name", "inputs")
        }
