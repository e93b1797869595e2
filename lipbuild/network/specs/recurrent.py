"""The recurrent layer."""

from collections.abc import Sequence

from pydantic import Field

from lipbuild.network.operations import Operation, Recurrence
from lipbuild.network.shapes import Shape, ShapeError, sequence
from lipbuild.network.specs.coefficients import BudgetedSpec
from lipbuild.network.specs.common import BiasInitializer, KernelInitializer, Units
from lipbuild.network.specs.layer import Facts


class OrthoRNN(BudgetedSpec):
    """h_t = GroupSort2(U·h_{t−1} + s·W·x_t + b), U and W orthogonal, s by the number of steps: constant exactly k."""

    facts = Facts(
        constant="k",
        exact=True,
        gradient="kept over time",
        cost="6·units³ a training step; none at inference, exports are unrolled",
        keras="SimpleRNN",
        shared=("units", "return_sequences", "use_bias"),
        in_place_of="SimpleRNN, LSTM, GRU",
        paper="Anil, Lucas & Grosse 2019; Arjovsky, Shah & Bengio 2016",
    )

    units: Units = Field(description="The size of the state; even, since its pairs are sorted.")
    return_sequences: bool = Field(False, description="Whether all states are returned, or the last one.")
    go_backwards: bool = Field(False, description="Whether the sequence is read from its end.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: KernelInitializer = Field(
        "orthogonal", description="What W starts from, before it is made orthogonal."
    )
    recurrent_initializer: KernelInitializer = Field(
        "orthogonal", description="What U starts from, before it is made orthogonal."
    )
    bias_initializer: BiasInitializer = Field("zeros", description="What the bias starts from.")

    def lower(self, *shapes: Shape) -> Sequence[Operation]:
        """The recurrence, whose constant is k for the norm over all steps."""
        steps, _ = sequence(shapes[0], self.kind)
        if steps is None or steps < 2:
            raise ShapeError(
                f"`{self.kind}` needs a fixed number of steps, at least 2, and this one gets {steps or '?'}",
                help="give the input a fixed length; for a single step, use `SpectralDense` and `GroupSort2`",
            )
        if self.units % 2:
            raise ShapeError(
                f"`{self.kind}` sorts pairs of its state's values, and {self.units} is odd",
                field="units",
                help="use an even number of units",
            )
        return (Recurrence(self.units, self.return_sequences, self.kernel_bound()),)

    def parameters(self, shape: Shape) -> int:
        """W, U and a bias."""
        features = sequence(shape, self.kind)[1]
        return self.units * (features + self.units + (1 if self.use_bias else 0))
