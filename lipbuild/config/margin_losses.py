"""The losses that ask for a margin: hinges, and what is made of them and the Wasserstein distance."""

from typing import Any

from pydantic import Field

from lipbuild.config.choices import LossSpec
from lipbuild.config.parameters import NonNegative, NonNegativeOrNone, Positive, PositiveOrNone, Share
from lipbuild.config.radius_losses import RadiusLossSpec
from lipbuild.margin import OF_CLASSES, OF_SIGN, OF_SOFT_MAXIMUM


def _margin(what: str) -> Any:
    """The field of a margin that has the usual default."""
    description = f"{what}; {OF_CLASSES.default:g} where neither it nor `target_radius` is given."
    return Field(None, description=description)


class KR(LossSpec):
    """−KR = E₋f − E₊f for one output: f is trained to tell how far two classes lie apart (Wasserstein-1 distance).

    It does not say at which value of f one class ends, so it trains no classifier: that is what `HKR` is for.
    """

    task = "binary"
    labels = "sign"
    classifies = False

    @property
    def keras_name(self) -> str:
        """`HKR`: the Keras loss `KR` is to be large, as in deel-lip, and minimised it would train the opposite."""
        return "HKR"

    def arguments(self) -> dict[str, Any]:
        """No hinge."""
        return {"alpha": 0.0}


class HKR(RadiusLossSpec):
    """−KR + α·hinge for one output (Serrurier et al. 2021)."""

    task = "binary"
    labels = "sign"
    asked = OF_SIGN

    alpha: NonNegative = Field(description="The weight of the hinge.")
    min_margin: PositiveOrNone = _margin("The margin that the hinge asks for")


class MulticlassHKR(RadiusLossSpec):
    """−KR + α·hinge, one output against the rest for each class."""

    alpha: NonNegative = Field(10.0, description="The weight of the hinge.")
    min_margin: PositiveOrNone = _margin("The margin that the hinge asks for")


class HingeMargin(RadiusLossSpec):
    """max(0, m/2 − y·f), y = ±1."""

    task = "binary"
    labels = "sign"
    asked = OF_SIGN

    min_margin: NonNegativeOrNone = _margin("m: the margin between the two classes")


class MulticlassHinge(RadiusLossSpec):
    """max(0, m/2 − s_i·f_i), the mean over the classes i with the true one counting C − 1 times."""

    min_margin: NonNegativeOrNone = _margin("m: the margin of each class against the rest")


class MulticlassSoftHKR(RadiusLossSpec):
    """`MulticlassHKR` with the wrong classes weighed by a softmax: for many classes."""

    temperature_divides = False

    alpha: Positive = Field(10.0, description="The weight of the hinge.")
    min_margin: NonNegativeOrNone = _margin("The margin that the hinge asks for")
    alpha_mean: float = Field(
        0.99, ge=0, lt=1, description="How much of the running mean of |f| a batch leaves."
    )
    temperature: Positive = Field(1.0, description="Large weighs the nearest wrong classes more.")


class LseHKR(RadiusLossSpec):
    """α·max(0, m/2 − d) − (1 − α)·d with half the margin d, its maximum smoothed to a log-sum-exp."""

    asked = OF_SOFT_MAXIMUM
    temperature_divides = False

    alpha: Share = Field(0.9, description="The weight of the hinge against d.")
    min_margin: NonNegativeOrNone = _margin("The margin that the hinge asks for")
    temperature: PositiveOrNone = Field(
        None,
        description="A large value is nearer to the maximum. Default: 1/m for the margin m of a target radius, "
        "otherwise 1.",
    )


class MultiMargin(RadiusLossSpec):
    """Σ_{i≠y} max(0, m − f_y + f_i)/C."""

    min_margin: NonNegativeOrNone = _margin("m: how far each wrong class must stay below")


class CategoricalHinge(RadiusLossSpec):
    """max(0, m + max_{j≠y} f_j − f_y)."""

    min_margin: NonNegativeOrNone = _margin("m: the margin")
