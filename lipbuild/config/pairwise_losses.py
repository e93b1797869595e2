"""The losses that see how much each difference of two logits can move within a radius."""

from typing import Any

from pydantic import Field

from lipbuild.config.choices import LossSpec, ScheduleSpec
from lipbuild.config.parameters import NonNegative, NonNegativeOrNone, Positive, PositiveOrNone
from lipbuild.config.radius_losses import temperature_for
from lipbuild.margin import OF_PAIRS, OFFSET_PER_TEMPERATURE


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

    learn_scale: bool = Field(
        False,
        description="Whether f + e·ε·M_y is multiplied by a number that is learnt with the weights, as by a first "
        "layer of free norm. The network keeps its constant.",
    )


class AnnealedEMMA(EMMA):
    """T·(1 − p)^β·CE((f + e·ε·M_y − ξ·onehot_y)/T, y): `LogitAnnealing` of what `EMMA` leaves (Lai et al. 2025)."""

    offset: NonNegativeOrNone = Field(None, description="ξ. Default: 8/3 of T, as in the paper.")
    beta: NonNegative = Field(5.0, description="β: how soon the loss lets go of what has its margin.")

    def for_constant(self, constant: float) -> "AnnealedEMMA":
        """With the temperature and the offset."""
        found = super().for_constant(constant)
        assert isinstance(found, AnnealedEMMA)
        if found.offset is not None or found.temperature is None:
            return found
        t = found.temperature
        offset = (
            t.scaled(OFFSET_PER_TEMPERATURE) if isinstance(t, ScheduleSpec) else OFFSET_PER_TEMPERATURE * t
        )
        return found.model_copy(update={"offset": offset})


class TRADES(PairwiseLossSpec):
    """T·[CE(f/T, y) + λ·KL(softmax(f/T) ‖ softmax([f, f_⊥]/T))], f_⊥ the best rival within ε (Leino et al. 2021)."""

    lam: NonNegative = Field(1.0, description="λ: the weight of robustness against accuracy.")


class RadiusCrossentropy(PairwiseLossSpec):
    """T·log(1 + Σ exp(√2·L·(2ε − r_i)/T)) over the wrong classes i, r_i = (f_y − f_i)/M_yi: of certified radii."""
