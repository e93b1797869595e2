"""The losses that see how much each difference of two logits can move within a radius."""

from typing import Any

from pydantic import Field

from lipbuild.config.choices import LossSpec
from lipbuild.config.parameters import NonNegative, Positive, PositiveOrNone
from lipbuild.config.radius_losses import temperature_for
from lipbuild.margin import OF_PAIRS


class PairwiseLossSpec(LossSpec):
    """The base of the losses that see how much each difference of two logits can move within a radius."""

    task = "multiclass"
    labels = "onehot"
    takes_constant = True
    takes_head = True

    target_radius: Positive = Field(description="The radius ε to certify.")
    temperature: PositiveOrNone = Field(None, description="T. Default: L·ε/2, as for `OffsetCrossentropy`.")
    lip_const: float | None = Field(
        None,
        gt=0,
        description="L, with M = √2·L for all pairs. Default: that of the network, with M = L·‖w_i − w_j‖ for the "
        "columns of "
        "a dense last layer.",
    )

    def for_constant(self, constant: float) -> "PairwiseLossSpec":
        """With the temperature."""
        if self.temperature is not None:
            return self
        temperature = temperature_for(OF_PAIRS, self.target_radius, self.lip_const or constant)
        return self.model_copy(update={"temperature": temperature})

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss, without what is left to it."""
        return {name: value for name, value in super().arguments().items() if value is not None}


class EMMA(PairwiseLossSpec):
    """T·CE((f + e·ε·M_y)/T, y), e_i the share of ε·M_yi that f_y − f_i has already (Hu et al. 2023)."""


class TRADES(PairwiseLossSpec):
    """T·[CE(f/T, y) + λ·KL(softmax(f/T) ‖ softmax([f, f_⊥]/T))], f_⊥ the best rival within ε (Leino et al. 2021)."""

    lam: NonNegative = Field(1.0, description="λ: the weight of robustness against accuracy.")


class RadiusCrossentropy(PairwiseLossSpec):
    """T·log(1 + Σ exp(√2·L·(2ε − r_i)/T)) over the wrong classes i, r_i = (f_y − f_i)/M_yi: of certified radii."""
