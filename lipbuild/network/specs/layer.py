import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic import ConfigDict, Field

from lipbuild.fields.strict import Strict
from lipbuild.network.operations import Operation, Step, Unknown
from lipbuild.network.rounding import mul_up
from lipbuild.network.shapes import Shape, size_of


class Facts(NamedTuple):
    """What is known of a layer in addition to what it computes.

    Attributes:
        constant: Its Lipschitz constant (L2), in a formula.
        exact: Whether there are weights and inputs that reach it, or it is a bound.
        gradient: What becomes of a gradient's norm on the way back: `kept` where every singular value of the
            Jacobian is the constant.
        cost: What it takes beside the layer in whose place it is used, in multiply-adds where they count.
        keras: The layer of Keras's that one would have written without a constraint; nothing where it is Keras's
            own, or there is none of its shape.
        shared: The arguments that both have, of one meaning.
        in_place_of: In whose place it is used, where that says more than `keras`.
        paper: Where it is from.
        rule: The rule that reports it where its constant is greater than what is promised.
        backends: On which backends of Keras beside TensorFlow a layer of lipbuild's own trains and condenses.
    """

    constant: str
    exact: bool
    gradient: str
    cost: str = ""
    keras: str = ""
    shared: tuple[str, ...] = ()
    in_place_of: str = ""
    paper: str = ""
    rule: str = "lipschitz-budget-exceeded"
    backends: tuple[str, ...] = ("jax", "torch")

    @property
    def replaces(self) -> str:
        """The layer in whose place it is used; nothing where it is Keras's own."""
        return self.in_place_of or self.keras


class LayerSpec(Strict):
    """What a layer of a config says, and the operations that it stands for: its shape and constant are theirs.

    The name of the class is the layer's name in a config.
    """

    model_config = ConfigDict(ignored_types=(Facts, bool, str))

    # They are not fields. If they were declared at run time, each class would take longer to make.
    if TYPE_CHECKING:
        merges: ClassVar[bool]
        shares_budget: ClassVar[bool]
        is_fitted: ClassVar[bool]
        holds_columns: ClassVar[bool]
        facts: ClassVar[Facts]
        keras_class: ClassVar[str]
        is_proved: ClassVar[bool]
    # Whether it makes one value of several inputs.
    merges = False
    # Whether the layer can take a share of the network's constant (`k_coef_lip` left out).
    shares_budget = False
    # The Keras class as `module:name`, of a layer that a package brings; lipbuild's or Keras's of its name where empty.
    keras_class = ""
    # Whether its constant is known, from what it stands for.
    is_proved = True
    # Whether nothing in it is still to be taken from the training data.
    is_fitted = True
    # Whether it promises something of single inputs, for which it is worth while to follow them.
    holds_columns = False

    name: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="The name by which other layers and `outputs` refer to it.",
    )
    inputs: list[str] | None = Field(
        None,
        min_length=1,
        description="The names of the layers that it reads. Default: the layer above.",
    )

    @property
    def kind(self) -> str:
        """The layer's name in a config."""
        return type(self).__name__

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The operations that it stands for, each on what the one before it makes.

        Args:
            shapes: The shapes of its inputs, without the batch: one, unless it merges several.

        Raises:
            ShapeError: It cannot take these shapes, for a reason that its operations do not know.
        """
        raise NotImplementedError

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The shape of what a layer makes of its inputs.

        Raises:
            ShapeError: It cannot take these shapes.
        """
        for operation in self.lower(*shapes):
            shapes = (operation.shape(shapes, self.kind),)
        return shapes[0]

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of what a layer with one input makes, without the batch.

        Raises:
            ShapeError: It cannot take this shape.
        """
        return self.merged_shape((shape,))

    def gain(self, shape: Shape) -> float:
        """The Lipschitz constant of a layer with one input (L2 to L2), rounded up; infinite where none is known."""
        constant = 1.0
        for operation in self.lower(shape):
            constant = mul_up(constant, operation.constant)
        return constant

    def single_gain(self, shape: Shape) -> float:
        """The constant of each value of the output by itself, at most `gain`."""
        bound = single = 1.0
        for operation in self.lower(shape):
            bound, single = mul_up(bound, operation.constant), operation.single(bound, single)
        return single

    def merged_bound(self, shapes: Sequence[Shape], bounds: Sequence[float]) -> float:
        """The constant with respect to the network's input, from those of the layer's inputs, rounded up."""
        if not self.merges:
            return mul_up(self.gain(shapes[0]), bounds[0])
        for operation in self.lower(*shapes):
            bounds = (operation.bound(bounds),)
        return bounds[0]

    def step(self, shapes: Sequence[Shape], steps: Sequence[Step]) -> Step:
        """What the layer's result changes by where one input of the network changes by 1.

        Args:
            shapes: The shapes of its inputs.
            steps: What these then change by.
        """
        for operation in self.lower(*shapes):
            shapes = (operation.shape(shapes, self.kind),)
            count = size_of(shapes[0])
            steps = (operation.step(steps, math.inf if count is None else count),)
        return steps[0]

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


class UnprovedLayerSpec(LayerSpec):
    """A layer that a package brings without saying what it stands for.

    Its constant is not known: a network that has it is trained, and refused a certificate. A subclass says the
    `output_shape`.
    """

    is_proved = False

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of what it makes, without the batch.

        Raises:
            ShapeError: It cannot take this shape.
        """
        raise NotImplementedError

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """A map of which nothing is known but the shape."""
        return [Unknown(self.output_shape)]

    def merged_shape(self, shapes: Sequence[Shape]) -> Shape:
        """The output's shape."""
        return self.output_shape(shapes[0])
