from lipbuild.spec.field import Field
from lipbuild.spec.layers.dense import DenseSpec
from lipbuild.spec.rounding import mul_up, root_up


class FrobeniusDense(DenseSpec):
    """y = k·xW + b with W divided by its Frobenius norm: constant at most k; column by column at most k·√units."""

    disjoint_neurons: bool = Field(
        True,
        description="Whether each column is divided by its own norm: each output by itself then has the "
        "constant k, all together up to k·√units, which is what counts.",
    )

    def kernel_bound(self) -> float:
        """K, or k·√units where the columns are normalised one by one: equal columns reach it."""
        bound = super().kernel_bound()
        return mul_up(bound, root_up(self.units)) if self.disjoint_neurons else bound
